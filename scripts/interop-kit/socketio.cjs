// socket.io: "node socketio.cjs serve PORT" echoes; "node socketio.cjs visit URL", the CA in NODE_EXTRA_CA_CERTS, begins by polling, goes on by WebSocket.
const crypto = require('node:crypto')

function serve(port) {
  const { Server } = require('socket.io')
  const server = require('node:http').createServer()
  new Server(server, { maxHttpBufferSize: 1e7, perMessageDeflate: true, cors: { origin: '*' } })
    .on('connection', socket => socket.on('echo', (value, back) => back(value)))
  server.listen(Number(port), '127.0.0.1')
}

async function visit(url) {
  const { io } = require('socket.io-client')
  const echo = async (socket, value) => {
    const back = await socket.timeout(10000).emitWithAck('echo', value)
    if (Buffer.isBuffer(value) ? !value.equals(back) : value !== back) throw new Error(`${value.length} came back differently`)
  }
  const opened = socket => new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject))
  for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
    const socket = io(url, { transports, forceNew: true, reconnection: false, timeout: 10000 })
    await opened(socket)
    if (transports.length > 1 && socket.io.engine.transport.name !== 'websocket') await new Promise(resolve => socket.io.engine.once('upgrade', resolve))
    const wanted = transports.at(-1)
    if (socket.io.engine.transport.name !== wanted) throw new Error(`carried by ${socket.io.engine.transport.name}, not by ${wanted}`)
    for (let i = 0; i < 20; i++) await echo(socket, `message ${i}`)
    await Promise.all([crypto.randomBytes(300000), crypto.randomBytes(10), 'x'.repeat(500000)].map(value => echo(socket, value)))
    socket.close()
  }
}

const [what, where] = process.argv.slice(2)
if (what === 'serve') serve(where)
else visit(where).catch(error => { console.log(String(error)); process.exit(1) })
