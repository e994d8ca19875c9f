"""The text of a cell that holds a table or a list in, its value out: JSON, or as Python prints it; nothing is executed."""

import ast
import json
import math
import re
from typing import Any

LONGEST = 4_000_000  # characters
NAMES = {"nan": math.nan, "inf": math.inf, "NaN": math.nan, "Infinity": math.inf, "null": None, "true": True, "false": False}


def literal(text: str) -> Any:
    """The value; ValueError where the text is none.

    >>> literal('{"lr": 0.1}'), literal("{'lr': nan, 'sizes': (64, 32)}")
    ({'lr': 0.1}, {'lr': nan, 'sizes': [64, 32]})
    """
    if len(text) > LONGEST:
        raise ValueError("too long")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("too deep") from None
    except ValueError:
        pass
    try:
        return _value(ast.parse(re.sub(r"<[^<>']*>", "None", text), mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from None


def _value(node: ast.expr) -> Any:
    """The value of a literal; numpy's and torch's numbers, as np.float64(0.1), are plain ones."""
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return value
        case ast.Dict(keys=keys, values=values):
            return {str(_value(key)): _value(value) for key, value in zip(keys, values, strict=True) if key is not None}
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return [_value(item) for item in items]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id="inf" | "Infinity")):
            return -math.inf
        case ast.Name(id=name) if name in NAMES:
            return NAMES[name]
        case ast.Call(args=[ast.expr() as only]):
            return _value(only)
    raise ValueError(f"no value: {ast.dump(node)[:40]}")
