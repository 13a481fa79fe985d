"""Python's websockets with permessage-deflate: deflate.py serve PORT echoes, deflate.py visit URL CA checks what comes back."""
import os
import ssl
import sys


def serve(port):
    from websockets.sync.server import serve

    def echo(channel):
        for message in channel:
            channel.send(message)

    with serve(echo, '127.0.0.1', int(port), max_size=None) as server:
        server.serve_forever()


def visit(url, ca):
    from websockets.sync.client import connect
    with connect(url.replace('https:', 'wss:'), ssl=ssl.create_default_context(cafile=ca), max_size=None, open_timeout=15) as channel:
        agreed = channel.response.headers.get('Sec-WebSocket-Extensions', '')
        assert 'permessage-deflate' in agreed, f'agreed on {agreed!r}'
        for message in ['', 'short', 'gr\u00fc\u00df ' * 50_000, bytes(1_000_000), os.urandom(300_000)] + [f'message {i}' for i in range(200)]:
            channel.send(message)
            assert channel.recv(timeout=15) == message, f'{len(message)} came back differently'
        pieces = ['one ', 'two ' * 10_000, 'three']
        channel.send(iter(pieces))
        assert channel.recv(timeout=15) == ''.join(pieces), 'a message in pieces came back differently'
        assert channel.ping().wait(10), 'no pong'
    assert channel.close_code == 1000, channel.close_code


{'serve': serve, 'visit': visit}[sys.argv[1]](*sys.argv[2:])
