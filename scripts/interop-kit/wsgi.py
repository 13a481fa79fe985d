"""For gunicorn: answers with what was sent, or with the file named by $FILE where nothing was."""
import os


def app(environ, start_response):
    body = environ['wsgi.input'].read() if environ['REQUEST_METHOD'] in ('POST', 'PUT') else open(os.environ['FILE'], 'rb').read()
    start_response('200 OK', [('Content-Type', 'application/octet-stream'), ('Content-Length', str(len(body))), ('X-Scheme', environ['wsgi.url_scheme'])])
    return [body]
