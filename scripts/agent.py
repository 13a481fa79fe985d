#!/usr/bin/env python3
"""A TunnelForge agent for one http tunnel, from PROTOCOL.md's JSON encoding. Prints the url; exits with 3 when refused.
agent.py LOCAL_PORT --server HOST:PORT --token TOKEN --ca CA.pem [--subdomain NAME]"""
import argparse, base64, http.client, json, os, socket, ssl, struct, sys, threading

MESSAGE, DATA, END, RESET = 0, 3, 4, 5
parser = argparse.ArgumentParser(usage=__doc__)
for option, kind in (("local_port", int), ("--server", str), ("--token", str), ("--ca", str), ("--subdomain", str)):
    parser.add_argument(option, type=kind)
args = parser.parse_args()
host, port = args.server.rsplit(":", 1)
trust = ssl.create_default_context(cafile=args.ca)

def connect(path, *fields):
    tls = trust.wrap_socket(socket.create_connection((host, port)), server_hostname=host)
    tls.sendall("\r\n".join(("GET %s HTTP/1.1" % path, "Host: " + host, "Connection: Upgrade", *fields, "", "")).encode())
    stream = tls.makefile("rb")
    assert b" 101 " in stream.readline(), path + " was refused"
    while stream.readline().strip(): pass
    return tls, stream

def write_frame(tls, frame_id, kind, payload=b""):
    tls.sendall(struct.pack(">II", frame_id, kind << 24 | len(payload)) + payload)

def read_frame(stream):
    frame_id, rest = struct.unpack(">II", stream.read(8))  # the second word holds type and length
    return frame_id, rest >> 24, stream.read(rest & 0xffffff)

def write_websocket(tls, opcode, payload):
    mask, size = os.urandom(4), len(payload)
    head = bytes([128 | opcode, 128 | size]) if size < 126 else struct.pack(">BBH", 128 | opcode, 254, size)
    tls.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

def serve(tls, stream, frame_id, request):
    body, begun = base64.b64decode(request.get("body") or ""), False
    while request.get("body_follows") and (frame := read_frame(stream))[1] in (DATA, END, RESET):
        if frame[1] == RESET: return write_frame(tls, frame_id, RESET, b"\0\0")  # cancelled; ready for the next
        if frame[1] == END: break
        body += frame[2]
    local = http.client.HTTPConnection("127.0.0.1", args.local_port)
    try:
        fields = {name: v if isinstance(v, str) else ", ".join(v) for name, v in request["headers"].items()}
        fields = {name: v for name, v in fields.items() if name.lower() not in ("content-length", "transfer-encoding")}
        local.request(request["method"], request["path"], body or None, fields)
        response, headers = local.getresponse(), {}
        for name, value in response.getheaders(): headers.setdefault(name, []).append(value)
        answer = {"type": "response", "request_id": request["request_id"], "status_code": response.status, "headers": headers}
        inline = response.length is not None and response.length <= 1 << 20
        answer.update({"body": base64.b64encode(response.read()).decode()} if inline else {"body_follows": True})
        write_frame(tls, frame_id, MESSAGE, json.dumps(answer).encode())
        begun = True
        while not inline and (piece := response.read1(1 << 16)): write_frame(tls, frame_id, DATA, piece)
        if not inline: write_frame(tls, frame_id, *((RESET, b"\0\4") if response.length else (END,)))
    except (OSError, http.client.HTTPException) as problem:
        error = {"type": "error", "code": 502, "message": "127.0.0.1:%d: %s" % (args.local_port, problem)}
        write_frame(tls, frame_id, *((RESET, b"\0\4") if begun else (MESSAGE, json.dumps(error).encode())))

def data_connection(tunnel_id, connection_id):
    tls, stream = connect("/_tunnelforge/data", "Upgrade: tunnelforge.v1")
    hello = {"type": "data_connection", "tunnel_id": tunnel_id, "connection_id": connection_id}
    write_frame(tls, 0, MESSAGE, json.dumps(hello).encode())
    while stream.peek(1):  # other frames belong to exchanges that are over, or need no answer
        frame_id, kind, payload = read_frame(stream)
        if kind == MESSAGE and (message := json.loads(payload))["type"] == "request":
            serve(tls, stream, frame_id, message)

tls, stream = connect("/_tunnelforge/control", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Protocol: tunnelforge.v1")
options = {"subdomain": args.subdomain} if args.subdomain else {}
write_websocket(tls, 1, json.dumps({"type": "register_tunnel", "auth_token": args.token, "protocol": "http",
    "local_port": args.local_port, "options": options}).encode())
while first := stream.read(1):
    length = stream.read(1)[0]
    payload = stream.read(length if length < 126 else int.from_bytes(stream.read(2), "big"))
    if first[0] & 15 == 9: write_websocket(tls, 10, payload)  # Ping, Pong
    message = json.loads(payload) if first[0] & 15 == 1 else {"type": None}
    if message["type"] == "tunnel_registered": print(message["url"], flush=True)
    if message["type"] == "error": sys.exit(print(message["name"], message["message"], file=sys.stderr) or 3)
    if message["type"] == "open_data_connection":
        threading.Thread(target=data_connection, args=(message["tunnel_id"], message["connection_id"]), daemon=True).start()
