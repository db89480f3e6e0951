import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isErrno } from "../errors";

const headSize = 4096;

/**
 * Whether a program is there to its end. One that was cut off, by a full disk or a loss of power, is shorter than the header of
 * an executable (ELF, 64 bits) says; a script has no such header.
 */
export function isWhole(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES")) return false;
    throw error;
  }
  try {
    const head = Buffer.alloc(headSize);
    readSync(file, head, 0, headSize, 0);
    if (head.toString("latin1", 0, 2) === "#!") return true;
    return head.toString("latin1", 0, 4) === "\x7fELF" && endOf(head) <= fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

/** Where the last segment, or the table of sections, ends. */
function endOf(head: Buffer): number {
  const offset = (at: number) => Number(head.readBigUInt64LE(at));
  const [segments, segmentSize, count] = [offset(0x20), head.readUInt16LE(0x36), head.readUInt16LE(0x38)];
  const ends = Array.from({ length: count }, (_, index) => {
    const at = Math.min(segments + index * segmentSize, headSize - segmentSize);
    return offset(at + 0x08) + offset(at + 0x20);
  });
  return Math.max(...ends, offset(0x28) + head.readUInt16LE(0x3a) * head.readUInt16LE(0x3c));
}
