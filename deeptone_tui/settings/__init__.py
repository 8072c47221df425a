"""What a user sets: configuration, profiles, paths of files, and forms of export."""
