"""User settings: options, configuration, profiles, preferences, file paths and export forms."""
