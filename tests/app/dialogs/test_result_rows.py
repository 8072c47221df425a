"""The shapes in which results are saved: with all that decided them."""

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.screens.dialog_host import entry

from deeptone_tui.app.presenters.exports import COLUMNS, ExportFormat, json_line, text_of
from deeptone_tui.app.presenters.results_model import Result
from deeptone_tui.core.redaction import spreadsheet_cell
from deeptone_tui.monitor.state import PlacedResult
from deeptone_tui.protocol import Answer, Step, StreamParameters

ASKED = StreamParameters(
    models=("speech", "gender"), output_period=256, volume_threshold=0.004216965034285823
)
BOTH = Result(
    replace(
        entry(1, gender=Answer("female", 0.9), speech=Answer("speech", 1.0)),
        parameters=ASKED,
        source="USB Audio",
        endpoint="local endpoint",
    ),
    0.02691234567890123,
)


def rows(*results: Result) -> list[dict[str, str]]:
    """The table read back."""
    text = text_of(results, ExportFormat.CSV)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_line_has_the_wire_shape_a_time_and_what_decided_it() -> None:
    """The level as measured, the threshold as the decimal that was applied, both units of each."""
    assert json.loads(json_line(BOTH)) == {
        "time": 1.024,
        "timestamp": 1024.0,
        "results": {
            "gender": {"confidence": 0.9, "result": "female"},
            "speech": {"confidence": 1.0, "result": "speech"},
        },
        "level": 0.02691234567890123,
        "level_dbfs": -31.4,
        "threshold": 0.004217,
        "threshold_dbfs": -47.5,
        "source": "USB Audio",
        "endpoint": "local endpoint",
        "models": ["speech", "gender"],
        "output_period": 256,
    }


def test_the_table_has_a_row_for_each_answer_with_the_same_in_columns() -> None:
    """The first four columns are those that it always had."""
    judged = {
        "level": "0.02691234567890123",
        "level_dbfs": "-31.40",
        "threshold": "0.004217",
        "threshold_dbfs": "-47.50",
        "source": "USB Audio",
        "endpoint": "local endpoint",
        "models": "speech,gender",
        "output_period": "256",
    }
    first = {"time": "1.024", "model": "gender", "result": "female", "confidence": "0.9000"}
    second = {"time": "1.024", "model": "speech", "result": "speech", "confidence": "1.0000"}
    assert rows(BOTH) == [first | judged, second | judged]
    assert COLUMNS[:4] == ("time", "model", "result", "confidence")


@pytest.mark.parametrize(("level", "number", "cell"), [(0.0, 0.0, "0.0"), (None, None, "")])
def test_minus_infinity_and_what_is_not_known_can_be_read(
    level: float | None, number: float | None, cell: str
) -> None:
    """JSON has no infinity; other programs read -inf in a table."""
    silent = Result(replace(BOTH.entry, parameters=StreamParameters(volume_threshold=0)), level)
    line = json.loads(json_line(silent))
    assert (line["level"], line["level_dbfs"]) == (number, None)
    assert (line["threshold"], line["threshold_dbfs"]) == (0, None)
    row = rows(silent)[0]
    assert (row["level"], row["level_dbfs"]) == (cell, "" if level is None else "-inf")
    assert (row["threshold"], row["threshold_dbfs"]) == ("0.0000", "-inf")


def test_raw_values_are_saved_where_there_are_any() -> None:
    """They stand in the line as they stood on the wire."""
    step = Step(0.0, {"gender": Answer("male", 0.7)}, raw={"gender": {"female": 0.3, "male": 0.7}})
    line = json_line(Result(PlacedResult(step, 0, 1024, StreamParameters())))
    assert json.loads(line)["raw"] == {"gender": {"female": 0.3, "male": 0.7}}


@pytest.mark.parametrize(
    ("said", "cell"),
    [
        ("=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0"),
        ("+1+2", "'+1+2"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("-", "'-"),
        ("-12.5e3", "-12.5e3"),
        ("+7", "+7"),
        ("speech", "speech"),
        ("a=b", "a=b"),
    ],
)
def test_no_cell_is_run_by_a_spreadsheet(said: str, cell: str) -> None:
    """Names of classes, models and sources come from elsewhere; numbers stay numbers."""
    odd = replace(entry(1, **{said: Answer(said, 0.5)}), source=said, endpoint=said)
    (row,) = rows(Result(odd))
    assert {row[name] for name in ("model", "result", "source", "endpoint")} == {cell}


def test_a_cell_with_control_characters_is_no_formula_either() -> None:
    """Some programs pass over those at its head."""
    assert [spreadsheet_cell(f"{sign}=1") for sign in "\t\r\n"] == ["'�=1"] * 3


def test_what_has_no_result_stands_as_json_in_the_table() -> None:
    """A speaker map answers in another shape."""
    crowd = Result(entry(2, **{"speaker-map": Answer(None, None, {"speaker_count": 2})}))
    (row,) = rows(crowd)
    assert (row["result"], row["confidence"]) == ('{"speaker_count": 2}', "")


@given(
    result=st.text(st.characters(exclude_categories=["Cs"])),
    confidence=st.floats(0, 1),
    index=st.integers(0, 10**6),
    level=st.floats(0, 1),
)
def test_a_line_is_one_line_that_says_the_same(
    result: str, confidence: float, index: int, level: float
) -> None:
    """Whatever an endpoint answers, the line can be read back; also whether it was silence."""
    kept = Result(entry(index, odd=Answer(result, confidence)), level)
    line = text_of([kept], ExportFormat.JSON_LINES)
    read = json.loads(line)
    assert (line.count("\n"), line[-1]) == (1, "\n")
    assert read["results"]["odd"] == {"confidence": confidence, "result": result}
    assert read["time"] == pytest.approx(index * 1.024)
    assert read["level"] == float(rows(kept)[0]["level"]) == level
