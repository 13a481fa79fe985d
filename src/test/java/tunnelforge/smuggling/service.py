"""A local service that tells what it understood of each request: `python3 service.py` prints its port. GET /_seen answers one line a request and
forgets them: method, target, body (or "-" while it has not come whole) and fields, each in hexadecimal."""
import http.server
import threading

seen = []
lock = threading.Lock()


def hexadecimal(text):
    return "-" if text is None else text.encode("latin-1").hex() or "00"


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def serve(self):
        if self.path == "/_seen":
            with lock:
                told = "\n".join(" ".join(hexadecimal(part) for part in (r["method"], r["target"], r["body"], "\n".join(r["fields"]))) for r in seen)
                seen.clear()
            self.answer(told)
            return
        fields = [f"{name.lower()}: {value}" for name, value in self.headers.items()]
        # self.path has lost a second slash at its beginning.
        target = self.requestline.split(" ")[1]
        record = {"method": self.command, "target": target, "body": None, "fields": fields}
        with lock:
            seen.append(record)
        body = self.body(record)
        if body is None:
            self.close_connection = True
            return
        record["body"] = body
        self.answer(f"{self.command} {target} {body}", ("X-Served", "yes"))

    def answer(self, text, *fields):
        data = text.encode("latin-1")
        self.send_response(200)
        for field in fields:
            self.send_header(*field)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def body(self, record):
        """None when it breaks off or can be read in two ways."""
        codings = self.headers.get_all("transfer-encoding", [])
        lengths = self.headers.get_all("content-length", [])
        if not codings and not lengths:
            return ""
        if len(codings) + len(lengths) > 1:
            return None
        if lengths:
            data = self.rfile.read(int(lengths[0]))
            return data.decode("latin-1") if len(data) == int(lengths[0]) else None
        return self.chunks(record) if codings[0] == "chunked" else None

    def chunks(self, record):
        body = b""
        while True:
            line = self.rfile.readline()
            if not line.endswith(b"\r\n"):
                return None
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            piece = self.rfile.read(size + 2)
            if len(piece) != size + 2 or not piece.endswith(b"\r\n"):
                return None
            body += piece[:-2]
        while (line := self.rfile.readline()) != b"\r\n":
            if not line:
                return None
            name, _, value = line.decode("latin-1").partition(":")
            record["fields"].append(f"trailer {name.lower()}: {value.strip()}")
        return body.decode("latin-1")

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Connections are cut where a request is refused."""


server = Server(("127.0.0.1", 0), Service)
print(server.server_address[1], flush=True)
server.serve_forever()
