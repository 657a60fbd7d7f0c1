// A second opinion on WARC files, through warcio: every record parses without a warning, its block
// and its payload have the digests that it names, ids are not used twice, revisits refer to
// records that exist, and each record is a gzip member of its own.
//   node check_warc.mjs FILE…    exit 0: no fault; prints the number of records of each type
import crypto from 'node:crypto';
import fs from 'node:fs';
import zlib from 'node:zlib';
import { WARCParser } from 'warcio';

const sha256 = (bytes) => 'sha256:' + crypto.createHash('sha256').update(bytes).digest('hex');

// The body behind an HTTP head; other blocks are all payload.
function payload(block, type) {
  if (!(type || '').startsWith('application/http')) return block;
  const end = Buffer.from(block).indexOf('\r\n\r\n');
  return end < 0 ? new Uint8Array() : block.subarray(end + 4);
}

function gzipMembers(bytes) {
  let members = 0;
  for (let at = 0; at < bytes.length; members++) {
    // 10 bytes of header without extra fields, the data, 8 bytes of trailer.
    const { buffer, engine } = zlib.inflateRawSync(bytes.subarray(at + 10), { info: true });
    const end = at + 10 + engine.bytesWritten;
    if (zlib.crc32 && bytes.readUInt32LE(end) !== zlib.crc32(buffer)) throw new Error('gzip crc');
    if (!buffer.toString('latin1', 0, 9).startsWith('WARC/1.1')) throw new Error('gzip member');
    at = end + 8;
  }
  return members;
}

const faults = [];
const types = {};
const ids = new Set();
const referred = [];
console.warn = (...words) => faults.push('warcio: ' + words.join(' '));

for (const file of process.argv.slice(2)) {
  let records = 0;
  const fault = (what) => faults.push(`${file}, record ${records}: ${what}`);
  try {
    for await (const record of new WARCParser(fs.createReadStream(file), { parseHttp: false })) {
      records++;
      types[record.warcType] = (types[record.warcType] || 0) + 1;
      const block = await record.readFully(false);
      const id = record.warcHeader('WARC-Record-ID');
      if (!/^<urn:uuid:[0-9a-f-]{36}>$/.test(id)) fault(`id ${id}`);
      if (ids.has(id)) fault(`id ${id} again`);
      ids.add(id);
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(record.warcDate)) fault('date');
      if (block.length !== Number(record.warcHeader('Content-Length'))) fault('length');
      const blockDigest = record.warcBlockDigest;
      if (blockDigest && blockDigest !== sha256(block)) fault('block digest');
      if (record.warcType === 'revisit') {
        referred.push(record.warcHeader('WARC-Refers-To'));
        if (!record.warcPayloadDigest) fault('no payload digest');
      } else if (record.warcPayloadDigest) {
        if (record.warcPayloadDigest !== sha256(payload(block, record.warcContentType)))
          fault('payload digest');
      }
    }
    const bytes = fs.readFileSync(file);
    if (bytes[0] === 0x1f && gzipMembers(bytes) !== records) fault('members are not records');
  } catch (error) {
    fault(error.message);
  }
}
for (const id of referred) if (!ids.has(id)) faults.push(`no record ${id}`);
for (const what of faults) console.error(what);
console.log(JSON.stringify(types));
process.exit(faults.length > 0 ? 1 : 0);
