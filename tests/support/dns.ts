// A name server that knows one name. What an engine's own name server tells of a service can be changed while it runs.

export type NameServer = Disposable & {
  readonly port: number;
  /** IPv4 addresses of the name from now on. */
  set(addresses: readonly string[]): void;
};

const ANSWER = 0x8180;
const NO_SUCH_NAME = 3;
const A = 1;

/** Answers on 127.0.0.1; each answer holds for a second. */
export async function nameServer(name: string): Promise<NameServer> {
  let known: readonly string[] = [];
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data: (socket, query, port, address) => void socket.send(answer(Buffer.from(query), name, known), port, address),
    },
  });
  return {
    port: socket.port,
    set: (addresses) => {
      known = addresses;
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

function answer(query: Buffer, name: string, known: readonly string[]): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const question = query.subarray(12, at + 5);
  const isKnown = labels.join(".") === name;
  const found = isKnown && query.readUInt16BE(at + 1) === A ? known : [];
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(isKnown ? ANSWER : ANSWER + NO_SUCH_NAME, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(found.length, 6);
  const records = found.map((address) =>
    // The name again (by where it stands), type A, class IN, 1 s, 4 bytes.
    Buffer.from([0xc0, 12, 0, A, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split(".").map(Number)]),
  );
  return Buffer.concat([head, question, ...records]);
}
