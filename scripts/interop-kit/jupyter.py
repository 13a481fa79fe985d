"""Runs a kernel of a JupyterLab through its tunnel, by REST and WebSocket as its page does: jupyter.py URL CA TOKEN."""
import json
import ssl
import sys
import urllib.request
import uuid
from websockets.sync.client import connect

base, ca, token = sys.argv[1:]
trusting = ssl.create_default_context(cafile=ca)
login = {'Authorization': 'token ' + token}


def ask(method, path, value=None):
    data = None if value is None else json.dumps(value).encode()
    request = urllib.request.Request(base + path, method=method, data=data, headers=login | {'Content-Type': 'application/json', 'Origin': base})
    with urllib.request.urlopen(request, context=trusting, timeout=20) as response:
        return response.read()


assert b'jupyter-config-data' in ask('GET', '/lab'), 'no page'
text = 'x' * 300_000 + '\u00e9'
ask('PUT', '/api/contents/note.txt', {'type': 'file', 'format': 'text', 'content': text})
assert json.loads(ask('GET', '/api/contents/note.txt?content=1'))['content'] == text, 'another text was read than written'

kernel = json.loads(ask('POST', '/api/kernels', {'name': 'python3'}))['id']
address = base.replace('https:', 'wss:') + f'/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}'
output, number = '', uuid.uuid4().hex
with connect(address, ssl=trusting, origin=base, additional_headers=login, open_timeout=20, max_size=None) as channel:
    channel.send(json.dumps({
        'header': {'msg_id': number, 'username': 'u', 'session': 's', 'msg_type': 'execute_request', 'version': '5.3', 'date': ''},
        'parent_header': {}, 'metadata': {}, 'channel': 'shell', 'buffers': [],
        'content': {'code': 'import hashlib\nfor i in range(3): print(hashlib.sha256(b"%d" % i).hexdigest(), flush=True)',
                    'silent': False, 'store_history': True, 'user_expressions': {}, 'allow_stdin': False}}))
    status = idle = None
    while not (status and idle):
        message = json.loads(channel.recv(timeout=30))
        if message['parent_header'].get('msg_id') != number:
            continue
        if message['msg_type'] == 'stream':
            output += message['content']['text']
        elif message['msg_type'] == 'execute_reply':
            status = message['content']['status']
        elif message['msg_type'] == 'status':
            idle = message['content']['execution_state'] == 'idle'
ask('DELETE', f'/api/kernels/{kernel}')
import hashlib
wanted = ''.join(hashlib.sha256(b'%d' % i).hexdigest() + '\n' for i in range(3))
assert status == 'ok' and output == wanted, (status, output)
