"""Serves the git repositories below a folder with "git http-backend", by CGI: git-http.py PORT FOLDER."""
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = sys.argv[2]


class Git(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def body(self):
        if self.headers.get('Transfer-Encoding', '').lower() != 'chunked':
            return self.rfile.read(int(self.headers.get('Content-Length', 0)))
        whole = b''
        while size := int(self.rfile.readline().split(b';')[0], 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return whole

    def do_GET(self):
        path, _, query = self.path.partition('?')
        body = self.body()
        environment = os.environ | {
            'GIT_PROJECT_ROOT': FOLDER, 'GIT_HTTP_EXPORT_ALL': '1', 'REQUEST_METHOD': self.command, 'PATH_INFO': path, 'QUERY_STRING': query,
            'CONTENT_TYPE': self.headers.get('Content-Type', ''), 'CONTENT_LENGTH': str(len(body)), 'REMOTE_USER': 'visitor', 'REMOTE_ADDR': '127.0.0.1',
            'HTTP_CONTENT_ENCODING': self.headers.get('Content-Encoding', ''), 'GIT_PROTOCOL': self.headers.get('Git-Protocol', '')}
        answer = subprocess.run(['git', 'http-backend'], input=body, stdout=subprocess.PIPE, env=environment).stdout
        head, _, content = answer.partition(b'\r\n\r\n')
        fields = [line.partition(': ')[::2] for line in head.decode('latin-1').split('\r\n')]
        self.send_response(int(dict(fields).get('Status', '200').split()[0]))
        for field, value in fields:
            if field != 'Status':
                self.send_header(field, value)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET


ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Git).serve_forever()
