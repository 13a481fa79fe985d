"""What Python's zlib makes of the compressed responses of compressible.cjs, fed as they come and in pieces: decompress.py URL CA. Ends with 0 when all agree with the plain ones."""
import http.client
import random
import ssl
import sys
import urllib.parse
import zlib

base, ca = sys.argv[1:]
host = urllib.parse.urlsplit(base).netloc
trusting = ssl.create_default_context(cafile=ca)
GZIP = 31  # its wrapper alone, and the largest window
EVENTS = 20
seed = random.randrange(1 << 30)
dice = random.Random(seed)


def connect():
    return http.client.HTTPSConnection(host, context=trusting, timeout=15)


def get(path, **headers):
    connection.request('GET', path, headers=headers)
    return connection.getresponse()


def inflated(coded):
    decoder = zlib.decompressobj(GZIP)
    plain = b''
    while coded:
        size = dice.choice((1, 2, 7, 100, 5000))
        plain += decoder.decompress(coded[:size])
        coded = coded[size:]
    plain += decoder.flush()
    if not decoder.eof or decoder.unused_data:
        sys.exit(f'seed {seed}: the end of the stream is wrong')
    return plain


connection = connect()
for path in '/text', '/json', '/strict':
    plain = get(path).read()
    response = get(path, **{'Accept-Encoding': 'gzip'})
    coded = response.read()
    if response.headers['Content-Encoding'] != 'gzip' or len(coded) * 2 > len(plain):
        sys.exit(f'{path} is not compressed: {response.headers}')
    for _ in range(20):
        if inflated(coded) != plain:
            sys.exit(f'seed {seed}: {path} is not what it was')
    tag = response.headers['ETag']
    again = get(path, **{'Accept-Encoding': 'gzip', 'If-None-Match': tag})
    if not tag.startswith('W/"') or again.status != 304 or again.headers['ETag'] != tag or again.read():
        sys.exit(f'{path}, {tag}: {again.status} {again.headers}')

events = connect()
events.request('GET', '/events?stream=python', headers={'Accept-Encoding': 'gzip'})
response = events.getresponse()
if response.headers['Content-Encoding'] != 'gzip':
    sys.exit(f'the events are not compressed: {response.headers}')
decoder = zlib.decompressobj(GZIP)
for count in range(EVENTS):
    wanted = f'data: {count}\n\n'.encode()
    got = b''
    while len(got) < len(wanted):
        piece = response.read1()
        if not piece:
            sys.exit(f'the events end before {wanted}')
        got += decoder.decompress(piece)
    if got != wanted:
        sys.exit(f'{got} instead of {wanted}')
    if count < EVENTS - 1:
        connection.request('POST', '/next?stream=python')
        connection.getresponse().read()
rest = decoder.decompress(response.read()) + decoder.flush()
if rest or not decoder.eof:
    sys.exit(f'{rest} behind the last event')
