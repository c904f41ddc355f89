// Reads an Ultra HDR file with two independent readers: light to a file, what they parsed to stdout.
import {readFileSync, writeFileSync} from 'node:fs'
import {readJpegGainMap} from 'hdrify'
import {extractGainmapFromJPEG, extractXMP} from '@monogrid/gainmap-js'
const data = new Uint8Array(readFileSync(process.argv[2]))
const image = readJpegGainMap(data)
writeFileSync(process.argv[3], new Uint8Array(image.data.buffer, image.data.byteOffset, image.data.byteLength))
const parts = await extractGainmapFromJPEG(data)
console.log(JSON.stringify({width: image.width, height: image.height, channels: image.data.length/(image.width*image.height), metadata: image.metadata, gainmapjs: parts.metadata, sdr: parts.sdr.byteLength, map: parts.gainMap.byteLength}))
