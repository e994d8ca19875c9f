import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.analysis.export.record.indented import indented

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
DOCUMENTS = st.recursive(SCALARS, lambda own: st.lists(own, max_size=4) | st.dictionaries(st.text(max_size=3), own, max_size=4))


@given(DOCUMENTS)
def test_a_document_is_indented_as_json_does(document):
    assert indented(document) == json.dumps(document, indent=1, ensure_ascii=False)


def test_a_tuple_is_a_list_and_what_json_lacks_is_text():
    document = {"a": (1, (2, "ü")), "b": {3}, "c": [{4}, ()], "d": {}}
    assert indented(document) == json.dumps(document, indent=1, ensure_ascii=False, default=str)


@pytest.mark.parametrize("document", [math.nan, [1, math.inf], {"a": {"b": [math.nan, []]}}])
def test_a_number_that_is_not_finite_is_an_error(document):
    with pytest.raises(ValueError, match="JSON compliant"):
        indented(document)
