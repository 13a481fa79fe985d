#!/usr/bin/env python3
"""A small agent for one http tunnel, in the JSON encoding of PROTOCOL.md; prints the tunnel's url, ends with 3 when refused.

agent.py LOCAL_PORT --server HOST:PORT --token TOKEN --ca CA.pem [--subdomain NAME]"""
import argparse, base64, http.client, json, os, random, socket, ssl, struct, sys, threading, time

MESSAGE, DATA, END, RESET, PING, PONG = 0, 3, 4, 5, 7, 8
INLINE_BODY, PIECE = 1 << 20, 1 << 16
CANCELLED, BROKEN_OFF = b"\0\0", b"\0\4"


class Connection:
    """A TLS connection to the server, upgraded: frames on a data connection, WebSocket messages on the control one."""

    def __init__(self, path, *fields):
        raw = socket.create_connection((args.host, args.port), timeout=10)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.tls = trust.wrap_socket(raw, server_hostname=args.host)
        lines = "GET %s HTTP/1.1" % path, "Host: " + args.host, "Connection: Upgrade", *fields, "", ""
        self.tls.sendall("\r\n".join(lines).encode())
        self.stream = self.tls.makefile("rb")
        head = list(iter(lambda: self.stream.readline().strip(), b""))
        if not head or head[0].split()[1:2] != [b"101"]:
            raise ConnectionError("%s: %s" % (path, head[:1]))

    def read(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise ConnectionError("closed by the server")
        return data

    def read_frame(self):
        frame_id, kind = struct.unpack(">IB", self.read(5))
        payload = self.read(int.from_bytes(self.read(3), "big"))
        if kind == PING:
            self.write_frame(0, PONG, payload)
        return frame_id, kind, payload

    def write_frame(self, frame_id, kind, payload=b""):
        self.tls.sendall(struct.pack(">IB", frame_id, kind) + len(payload).to_bytes(3, "big") + payload)

    def write_message(self, frame_id, **message):
        self.write_frame(frame_id, MESSAGE, json.dumps(message).encode())

    def read_websocket(self):
        """The next text message; Ping is answered on the way."""
        text = b""
        while True:
            first, length = self.read(2)
            if length > 125:
                length = int.from_bytes(self.read(2 if length == 126 else 8), "big")
            payload, opcode = self.read(length), first & 15
            if opcode == 8:
                raise ConnectionError("closed by the server")
            if opcode == 9:
                self.write_websocket(10, payload)
            text += payload if opcode < 8 else b""
            if opcode < 8 and first & 128:
                return json.loads(text)

    def write_websocket(self, opcode, payload):
        size = bytes([128 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        mask = os.urandom(4)
        self.tls.sendall(bytes([128 | opcode]) + size + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))


class Cancelled(Exception):
    pass


def body_frames(connection, exchange):
    while True:
        frame_id, kind, payload = connection.read_frame()
        if frame_id == exchange and kind == RESET:
            raise Cancelled
        if frame_id == exchange and kind == END:
            return
        if frame_id == exchange and kind == DATA:
            yield payload


def send_request(local, connection, exchange, request):
    local.putrequest(request["method"], request["path"], skip_host=True, skip_accept_encoding=True)
    announced = None
    for name, values in request.get("headers", {}).items():
        if name.lower() == "content-length":
            announced = values
        elif name.lower() != "transfer-encoding":
            for value in [values] if isinstance(values, str) else values:
                local.putheader(name, value)
    follows, body = request.get("body_follows"), base64.b64decode(request.get("body") or "")
    if not follows and (body or announced):
        announced = str(len(body))
    if announced:
        local.putheader("Content-Length", announced)
    elif follows:
        local.putheader("Transfer-Encoding", "chunked")
    local.endheaders(body_frames(connection, exchange) if follows else body, encode_chunked=not announced and bool(follows))


def serve(connection, exchange, request):
    local, answered = http.client.HTTPConnection("127.0.0.1", args.local_port, timeout=60), False
    try:
        send_request(local, connection, exchange, request)
        response = local.getresponse()
        answer = {"type": "response", "request_id": request["request_id"], "status_code": response.status, "headers": {}}
        for name, value in response.getheaders():
            answer["headers"].setdefault(name, []).append(value)
        if response.length is not None and response.length <= INLINE_BODY:
            return connection.write_message(exchange, body=base64.b64encode(response.read()).decode(), **answer)
        connection.write_message(exchange, body_follows=True, **answer)
        answered = True
        while piece := response.read1(PIECE):
            connection.write_frame(exchange, DATA, piece)
        connection.write_frame(exchange, *((RESET, BROKEN_OFF) if response.length else (END,)))
    except Cancelled:
        connection.write_frame(exchange, RESET, CANCELLED)
    except (OSError, ValueError, http.client.HTTPException) as problem:
        if answered:
            return connection.write_frame(exchange, RESET, BROKEN_OFF)
        code = 504 if isinstance(problem, TimeoutError) else 502 if isinstance(problem, OSError) else 500
        connection.write_message(exchange, type="error", code=code, message="127.0.0.1:%d: %s" % (args.local_port, problem))
    finally:
        local.close()


def data_connection(tunnel_id, connection_id):
    try:
        connection = Connection("/_tunnelforge/data", "Upgrade: tunnelforge.v1")
        connection.tls.settimeout(None)
        connection.write_message(0, type="data_connection", tunnel_id=tunnel_id, connection_id=connection_id)
        while True:
            # DRAIN needs nothing here: no request follows and the server closes. DATA, END, RESET: their exchange is over.
            exchange, kind, payload = connection.read_frame()
            message = json.loads(payload) if kind == MESSAGE else {}
            if message.get("type") == "request":
                serve(connection, exchange, message)
            elif message.get("type") == "error":
                print(message["message"], file=sys.stderr, flush=True)
    except OSError:
        pass  # the server asks for another when it wants one


def control_connection(register):
    key = base64.b64encode(os.urandom(16)).decode()
    connection = Connection("/_tunnelforge/control", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                            "Sec-WebSocket-Key: " + key, "Sec-WebSocket-Protocol: tunnelforge.v1")
    connection.tls.settimeout(15)
    connection.write_websocket(1, json.dumps(register).encode())
    registered = False
    while True:
        message = connection.read_websocket()
        if message["type"] == "tunnel_registered":
            registered = True
            register.update(tunnel_id=message["tunnel_id"], resume_token=message["resume_token"])
            print(message["url"], flush=True)
        elif message["type"] == "open_data_connection":
            ids = message["tunnel_id"], message["connection_id"]
            threading.Thread(target=data_connection, args=ids, daemon=True).start()
        elif message["type"] == "error":
            print("%s: %s" % (message["name"], message["message"]), file=sys.stderr, flush=True)
            if not registered or not message["retry"]:
                sys.exit(3)
        elif message["type"] == "drain":
            return


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("local_port", type=int)
parser.add_argument("--server", required=True)
parser.add_argument("--token", required=True)
parser.add_argument("--ca", required=True)
parser.add_argument("--subdomain")
args = parser.parse_args()
args.host, args.port = args.server.rsplit(":", 1)
trust = ssl.create_default_context(cafile=args.ca)
registration = {"type": "register_tunnel", "auth_token": args.token, "protocol": "http", "local_port": args.local_port}
if args.subdomain:
    registration["options"] = {"subdomain": args.subdomain}
while True:
    try:
        control_connection(registration)
    except OSError as problem:
        print(problem, file=sys.stderr, flush=True)
    time.sleep(random.uniform(0.25, 5))
