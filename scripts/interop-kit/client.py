"""Python's http.client and urllib as visitors of Service: client.py URL CA FILE. Ends with 0 when all contents were right."""
import http.client
import ssl
import sys
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

base, ca, name = sys.argv[1:]
file = open(name, 'rb').read()
host = urllib.parse.urlsplit(base).netloc
trusting = ssl.create_default_context(cafile=ca)
ROUNDS = 20


def whole(what, response):
    body = response.read()
    if response.status != 200 or body != file:
        sys.exit(f'{what}: status {response.status}, {len(body)} of {len(file)} bytes')


connection = http.client.HTTPSConnection(host, context=trusting, timeout=15)
connection.connect()
first = connection.sock
for _ in range(ROUNDS):
    connection.request('GET', '/file')
    whole('one after another', connection.getresponse())
connection.request('GET', '/chunked')
whole('no length', connection.getresponse())
connection.request('POST', '/echo', body=file)
whole('with a length', connection.getresponse())
connection.request('PUT', '/echo', body=iter([file[:100000], file[100000:]]), encode_chunked=True)
whole('chunked', connection.getresponse())
connection.request('HEAD', '/file')
if (head := connection.getresponse()).read() or int(head.headers['Content-Length']) != len(file):
    sys.exit('HEAD: wrong length')
if connection.sock is not first:
    sys.exit('the connection was not used again')
connection.close()


def fetch(_):
    with urllib.request.urlopen(base + '/file', context=trusting, timeout=15) as response:
        whole('urllib', response)


with ThreadPoolExecutor(8) as together:
    list(together.map(fetch, range(ROUNDS)))
with urllib.request.urlopen(urllib.request.Request(base + '/echo', data=file), context=trusting, timeout=15) as response:
    whole('urllib with a body', response)
