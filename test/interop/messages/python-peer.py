"""Calls and answers with Apache Thrift's Python library: one line of JSON in, one out, until the input ends.

usage: python-peer.py FOLDER        FOLDER is what thrift --gen py -out FOLDER wrote for the IDL in peer.ts

In:  {"do": "serve", "protocol", "bytes"}                   Out: {"bytes"} of the reply, empty where there is none
     {"do": "find" | "forget", "protocol", "args"}               {"bytes"} of the call
     {"do": "receive", "protocol", "bytes"} after "find"         what find gave, as peer.ts says it
Bytes are in hex.
"""
import json
import logging
import sys

sys.path.insert(0, sys.argv[1])
from shop import Shop
from shop.ttypes import Item, NotFound
from thrift.Thrift import TApplicationException
from thrift.protocol import TBinaryProtocol, TCompactProtocol, TJSONProtocol
from thrift.transport import TTransport

PROTOCOLS = {
    "binary": TBinaryProtocol.TBinaryProtocol,
    "compact": TCompactProtocol.TCompactProtocol,
    "tjson": TJSONProtocol.TJSONProtocol,
}


class Handler:
    def ping(self):
        pass

    def find(self, name, count):
        if name == "lost":
            raise NotFound("é")
        if name == "broken":
            raise RuntimeError("broken")
        return Item(name, count)

    def forget(self, name):
        pass


def answer(request):
    make = PROTOCOLS[request["protocol"]]
    source = TTransport.TMemoryBuffer(bytes.fromhex(request.get("bytes", "")))
    target = TTransport.TMemoryBuffer()
    client = Shop.Client(make(source), make(target))
    if request["do"] == "serve":
        Shop.Processor(Handler()).process(make(source), make(target))
    elif request["do"] == "receive":
        return receive(client)
    else:
        getattr(client, "send_" + request["do"])(*request["args"])
    return {"bytes": target.getvalue().hex()}


def receive(client):
    try:
        item = client.recv_find()
        return {"item": {"name": item.name, "count": item.count}}
    except NotFound as error:
        return {"missing": error.reason}
    except TApplicationException as error:
        return {"failed": error.type}


# The processor logs what a handler raises.
logging.disable(logging.CRITICAL)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
