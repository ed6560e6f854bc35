"""Apache Thrift's Python library as a peer: a server and a client of service.thrift. peer.ts says what the lines are.

usage: python-peer.py serve|call --code FOLDER [options]        FOLDER is what thrift --gen py -out FOLDER wrote
"""
import argparse
import base64
import importlib
import json
import logging
import sys
import threading
import time

from thrift.TMultiplexedProcessor import TMultiplexedProcessor
from thrift.Thrift import TApplicationException, TException
from thrift.protocol import TBinaryProtocol, TCompactProtocol, TJSONProtocol
from thrift.protocol.TMultiplexedProtocol import TMultiplexedProtocol
from thrift.server.TServer import TThreadedServer
from thrift.transport import TSocket, TTransport

PROTOCOLS = {
    "binary": TBinaryProtocol.TBinaryProtocolAcceleratedFactory(fallback=False),
    "compact": TCompactProtocol.TCompactProtocolAcceleratedFactory(fallback=False),
    "tjson": TJSONProtocol.TJSONProtocolFactory(),
}
TRANSPORTS = {
    "framed": TTransport.TFramedTransportFactory(),
    "buffered": TTransport.TBufferedTransportFactory(),
}

parser = argparse.ArgumentParser()
parser.add_argument("role", choices=["serve", "call"])
parser.add_argument("--code", required=True)
parser.add_argument("--address")
parser.add_argument("--transport", choices=TRANSPORTS, default="framed")
parser.add_argument("--protocol", choices=PROTOCOLS, default="binary")
parser.add_argument("--multiplexed", action="store_true")
options = parser.parse_args()
sys.path.insert(0, options.code)
from everything import Base, Counter, Everything, Newer
from everything.ttypes import Forbidden, NotFound, Point

SERVICES = {"Counter": Counter, "Everything": Everything, "Newer": Newer}
# What is newer than a server calls it by the name that it knows.
REGISTERED = {"Counter": "Counter", "Everything": "Everything", "Newer": "Everything"}


def print_line(line):
    print(json.dumps(line), flush=True)


class Named:
    """The service Base, under a name."""

    def __init__(self, name):
        self._name = name

    def ping(self):
        pass

    def name(self):
        return self._name


class CounterHandler(Named):
    total = 0

    def add(self, amount):
        self.total += amount
        return self.total


class EverythingHandler(Named):
    texts = []

    def __getattr__(self, name):
        if name.startswith("echo"):
            return lambda value: value
        raise AttributeError(name)

    def join(self, words, glue, times):
        return glue.join(words) * times

    def find(self, key):
        self.check(key)
        if key == "denied":
            raise Forbidden("nobody")
        return Point(len(key), 0)

    def check(self, key):
        if key == "lost":
            raise NotFound("é", 404, Point(1, -1))
        if key == "broken":
            raise RuntimeError("broken")

    def note(self, text):
        if text == "broken":
            raise RuntimeError("broken")
        self.texts.append(text)

    def notes(self):
        texts, self.texts = self.texts, []
        return texts

    def wait(self, ms):
        time.sleep(ms / 1000)
        return ms


def serve():
    processor = Everything.Processor(EverythingHandler("Everything"))
    if options.multiplexed:
        several = TMultiplexedProcessor()
        several.registerProcessor("Everything", processor)
        several.registerProcessor("Counter", Counter.Processor(CounterHandler("Counter")))
        processor = several
    listener = TSocket.TServerSocket("127.0.0.1", 0)
    listener.listen()
    listener.listen = lambda: None
    server = TThreadedServer(
        processor, listener, TRANSPORTS[options.transport], PROTOCOLS[options.protocol], daemon=True
    )
    threading.Thread(target=server.serve, daemon=True).start()
    print_line({"port": listener.handle.getsockname()[1]})
    sys.stdin.read()


def call():
    host, port = options.address.split(":")
    transport = TRANSPORTS[options.transport].getTransport(TSocket.TSocket(host, int(port)))
    protocol = PROTOCOLS[options.protocol].getProtocol(transport)
    transport.open()
    for line in sys.stdin:
        request = json.loads(line)
        named = TMultiplexedProtocol(protocol, REGISTERED[request["service"]]) if options.multiplexed else protocol
        client = SERVICES[request["service"]].Client(named)
        print_line({"id": request["id"], **outcome(client, request["method"], base64.b64decode(request["args"]))})


def outcome(client, method, args_bytes):
    args = struct_of(client, method + "_args")()
    args.read(TBinaryProtocol.TBinaryProtocol(TTransport.TMemoryBuffer(args_bytes)))
    result_class = struct_of(client, method + "_result")
    try:
        success = getattr(client, method)(**vars(args))
        if result_class is None:
            return {"result": ""}
        result = result_class(success) if success is not None else result_class()
    except TApplicationException as error:
        return {"application": {"type": error.type, "message": error.message}}
    except TException as error:
        names = [field[2] for field in result_class.thrift_spec or () if field and field[3] and field[3][0] is type(error)]
        if not names:
            return {"error": repr(error)}
        result = result_class(**{names[0]: error})
    target = TTransport.TMemoryBuffer()
    result.write(TBinaryProtocol.TBinaryProtocol(target))
    return {"result": base64.b64encode(target.getvalue()).decode()}


def struct_of(client, name):
    """The class of that name that stands beside the client's, or beside one of those that the client's extends."""
    for each in type(client).__mro__:
        found = getattr(sys.modules[each.__module__], name, None)
        if found is not None:
            return found
    return None


# The processor logs what a handler raises.
logging.disable(logging.CRITICAL)
if options.role == "serve":
    serve()
else:
    call()
