"""Decodes and encodes again with Apache Thrift's Python library: one line of JSON in, one out, until the input ends.

usage: python-peer.py FOLDER        FOLDER is what thrift --gen py -out FOLDER wrote

In:  {"module", "struct", "protocol", "bytes"}; bytes in base64. Protocols are the keys of PROTOCOLS.
Out: {"value", "bytes"}, the value as it was decoded, spelled as the head of testdata/golden/make.py says, and the bytes
     of that value written again; or {"error"}.
"""
import base64
import importlib
import json
import math
import sys

sys.path.insert(0, sys.argv[1])
from thrift.Thrift import TType
from thrift.protocol import TBinaryProtocol, TCompactProtocol, TJSONProtocol
from thrift.transport import TTransport

# "(C)" is the library's own C extension. Without fallback: it must not be the slow one under another name.
PROTOCOLS = {
    "binary": TBinaryProtocol.TBinaryProtocol,
    "binary (C)": lambda transport: TBinaryProtocol.TBinaryProtocolAccelerated(transport, fallback=False),
    "compact": TCompactProtocol.TCompactProtocol,
    "compact (C)": lambda transport: TCompactProtocol.TCompactProtocolAccelerated(transport, fallback=False),
    "tjson": TJSONProtocol.TJSONProtocol,
}


def spell(value, ttype, args):
    if ttype == TType.I64:
        return {"i64": str(value)}
    if ttype == TType.DOUBLE:
        return spell_double(value)
    if ttype == TType.STRING and args == "BINARY":
        return {"base64": base64.b64encode(value).decode()}
    if ttype == TType.LIST:
        return [spell(item, args[0], args[1]) for item in value]
    if ttype == TType.SET:
        return {"set": [spell(item, args[0], args[1]) for item in value]}
    if ttype == TType.MAP:
        return {"map": [[spell(key, args[0], args[1]), spell(item, args[2], args[3])] for key, item in value.items()]}
    if ttype == TType.STRUCT:
        return spell_struct(value)
    return value


def spell_double(value):
    if math.isnan(value):
        return {"double": "NaN"}
    if math.isinf(value):
        return {"double": "Infinity" if value > 0 else "-Infinity"}
    if value == 0 and math.copysign(1, value) < 0:
        return {"double": "-0"}
    return value


def spell_struct(value):
    fields = [field for field in type(value).thrift_spec or () if field]
    present = [field for field in fields if getattr(value, field[2]) is not None]
    return {name: spell(getattr(value, name), ttype, args) for _, ttype, name, args, _ in present}


def read(cls, protocol):
    # Immutable classes have a read that makes the instance, the others one that fills it.
    return cls.read(protocol) if "read" in cls.__dict__ and isinstance(cls.__dict__["read"], classmethod) else fill(cls(), protocol)


def fill(value, protocol):
    value.read(protocol)
    return value


def answer(request):
    cls = getattr(importlib.import_module(request["module"]), request["struct"])
    make = PROTOCOLS[request["protocol"]]
    source = TTransport.TMemoryBuffer(base64.b64decode(request["bytes"]))
    value = read(cls, make(source))
    if source.read(1) != b"":
        return {"error": "bytes are left"}
    target = TTransport.TMemoryBuffer()
    value.write(make(target))
    return {"value": spell_struct(value), "bytes": base64.b64encode(target.getvalue()).decode()}


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {"error": "%s: %s" % (type(error).__name__, error)}
    print(json.dumps(reply), flush=True)
