"""A server of the Model Context Protocol that lets no name in but this machine's, and a client that calls its tool: mcp-tool.py serve PORT, mcp-tool.py visit URL."""
import asyncio
import sys

from mcp import Client
from mcp.server.mcpserver import MCPServer

app = MCPServer('interop')


@app.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


async def visit(url):
    async with Client(url) as client:
        result = await client.call_tool('add', {'a': 40, 'b': 2})
        assert '42' in str(result.content), result


if sys.argv[1] == 'serve':
    app.run('streamable-http', host='127.0.0.1', port=int(sys.argv[2]))
else:
    asyncio.run(visit(sys.argv[2]))
