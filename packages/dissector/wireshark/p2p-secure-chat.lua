-- P2P Secure Chat for Wireshark
--
-- Every byte of every protocol of docs/protocol.md, on Wireshark 4.0 and later, opened with a key log.
--
-- It is one file without dependencies. `chat-lab wireshark install` puts it where Wireshark looks for plugins, and the
-- profile next to it; by hand, copy it to "Personal Lua Plugins" of Help > About Wireshark > Folders.
--
-- The file has two halves. The first knows nothing of Wireshark: it takes frames one by one, in the order in which they
-- were captured, keeps what a conversation has come to (keys, sequence numbers, open requests), and says of each frame
-- what it means. The second half asks the first one once for each frame, keeps its answer, and shows it whenever
-- Wireshark wants to see that packet, which may be often and in any order.
--
-- Wireshark brings Lua 5.2 or 5.4, and this runs on both: no integers of 64 bits, no operators on bits.

local byte, char, floor, concat = string.byte, string.char, math.floor, table.concat

--------------------------------------------------------------------------------------------------------------------
-- Bits. Lua 5.2 has a library for them, 5.4 has operators that 5.2 cannot even parse: so they come as text.
--------------------------------------------------------------------------------------------------------------------

local band, bxor, bnot, rshift, rrotate
if bit32 then
  band, bxor, bnot, rshift, rrotate = bit32.band, bit32.bxor, bit32.bnot, bit32.rshift, bit32.rrotate
else
  band, bxor, bnot, rshift, rrotate = load([[return
    function(a, b) return a & b end,
    function(a, b, c, d, e) return a ~ b ~ (c or 0) ~ (d or 0) ~ (e or 0) end,
    function(a) return ~a & 0xffffffff end,
    function(a, n) return a >> n end,
    function(a, n) return (a >> n | a << (32 - n)) & 0xffffffff end]])()
end

local WORD = 4294967296 -- 2^32

local function word_at(bytes, at)
  local a, b, c, d = byte(bytes, at, at + 3)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function word_bytes(word)
  return char(rshift(word, 24), rshift(word, 16) % 256, rshift(word, 8) % 256, word % 256)
end

--- A whole number as big-endian bytes.
local function big_endian(number, size)
  local bytes = {}
  for i = size, 1, -1 do
    bytes[i] = char(number % 256)
    number = floor(number / 256)
  end
  return concat(bytes)
end

--- Big-endian bytes as a whole number, exact up to 2^53.
local function from_big_endian(bytes)
  local number = 0
  for i = 1, #bytes do number = number * 256 + byte(bytes, i) end
  return number
end

--- The XOR of two strings of one length.
local function xor_bytes(one, other)
  local out = {}
  for i = 1, #one do out[i] = char(bxor(byte(one, i), byte(other, i))) end
  return concat(out)
end

--------------------------------------------------------------------------------------------------------------------
-- Hashes (FIPS 180-4), HMAC (RFC 2104), HKDF-Expand (RFC 5869). Wireshark's Lua has none of them before 4.6.
--------------------------------------------------------------------------------------------------------------------

-- The first 64 bits behind the point of the cube roots of the first 80 primes. SHA-512 takes them as they are, SHA-256
-- the upper halves of the first 64.
local ROUND_CONSTANTS = [[
  428a2f98d728ae22 7137449123ef65cd b5c0fbcfec4d3b2f e9b5dba58189dbbc 3956c25bf348b538 59f111f1b605d019
  923f82a4af194f9b ab1c5ed5da6d8118 d807aa98a3030242 12835b0145706fbe 243185be4ee4b28c 550c7dc3d5ffb4e2
  72be5d74f27b896f 80deb1fe3b1696b1 9bdc06a725c71235 c19bf174cf692694 e49b69c19ef14ad2 efbe4786384f25e3
  0fc19dc68b8cd5b5 240ca1cc77ac9c65 2de92c6f592b0275 4a7484aa6ea6e483 5cb0a9dcbd41fbd4 76f988da831153b5
  983e5152ee66dfab a831c66d2db43210 b00327c898fb213f bf597fc7beef0ee4 c6e00bf33da88fc2 d5a79147930aa725
  06ca6351e003826f 142929670a0e6e70 27b70a8546d22ffc 2e1b21385c26c926 4d2c6dfc5ac42aed 53380d139d95b3df
  650a73548baf63de 766a0abb3c77b2a8 81c2c92e47edaee6 92722c851482353b a2bfe8a14cf10364 a81a664bbc423001
  c24b8b70d0f89791 c76c51a30654be30 d192e819d6ef5218 d69906245565a910 f40e35855771202a 106aa07032bbd1b8
  19a4c116b8d2d0c8 1e376c085141ab53 2748774cdf8eeb99 34b0bcb5e19b48a8 391c0cb3c5c95a63 4ed8aa4ae3418acb
  5b9cca4f7763e373 682e6ff3d6b2b8a3 748f82ee5defb2fc 78a5636f43172f60 84c87814a1f0ab72 8cc702081a6439ec
  90befffa23631e28 a4506cebde82bde9 bef9a3f7b2c67915 c67178f2e372532b ca273eceea26619c d186b8c721c0c207
  eada7dd6cde0eb1e f57d4f7fee6ed178 06f067aa72176fba 0a637dc5a2c898a6 113f9804bef90dae 1b710b35131c471b
  28db77f523047d84 32caab7b40c72493 3c9ebe0a15c9bebc 431d67c49c100d4c 4cc5d4becb3e42b6 597f299cfc657e2a
  5fcb6fab3ad6faec 6c44198c4a475817
]]

-- The same of the square roots of the first eight primes: where both hashes start.
local START = [[
  6a09e667f3bcc908 bb67ae8584caa73b 3c6ef372fe94f82b a54ff53a5f1d36f1 510e527fade682d1 9b05688c2b3e6c1f
  1f83d9abfb41bd6b 5be0cd19137e2179
]]

local function halves(constants)
  local high, low = {}, {}
  for h, l in constants:gmatch('(%x%x%x%x%x%x%x%x)(%x%x%x%x%x%x%x%x)') do
    high[#high + 1], low[#low + 1] = tonumber(h, 16), tonumber(l, 16)
  end
  return high, low
end

local K_HIGH, K_LOW = halves(ROUND_CONSTANTS)
local START_HIGH, START_LOW = halves(START)

--- The message with the padding of both hashes: a one bit, zeros, and how many bits it has.
local function padded(message, block, size_bytes, bytes_before)
  local zeros = (block - 1 - size_bytes - #message) % block
  return message .. '\128' .. ('\0'):rep(zeros) .. big_endian((bytes_before + #message) * 8, size_bytes)
end

local schedule = {}

--- Works blocks of 64 bytes into the eight words of a state; the new state.
local function sha256_blocks(state, blocks)
  local s1, s2, s3, s4, s5, s6, s7, s8 = state[1], state[2], state[3], state[4], state[5], state[6], state[7], state[8]
  local w = schedule
  for at = 1, #blocks, 64 do
    for i = 1, 16 do w[i] = word_at(blocks, at + 4 * i - 4) end
    for i = 17, 64 do
      local x, y = w[i - 15], w[i - 2]
      local near = bxor(rrotate(x, 7), rrotate(x, 18), rshift(x, 3))
      local far = bxor(rrotate(y, 17), rrotate(y, 19), rshift(y, 10))
      w[i] = (w[i - 16] + near + w[i - 7] + far) % WORD
    end
    local a, b, c, d, e, f, g, h = s1, s2, s3, s4, s5, s6, s7, s8
    for i = 1, 64 do
      local choice = bxor(g, band(e, bxor(f, g)))
      local majority = bxor(band(a, b), band(c, bxor(a, b)))
      local one = h + bxor(rrotate(e, 6), rrotate(e, 11), rrotate(e, 25)) + choice + K_HIGH[i] + w[i]
      local two = bxor(rrotate(a, 2), rrotate(a, 13), rrotate(a, 22)) + majority
      h, g, f, e, d, c, b, a = g, f, e, (d + one) % WORD, c, b, a, (one + two) % WORD
    end
    s1, s2, s3, s4 = (s1 + a) % WORD, (s2 + b) % WORD, (s3 + c) % WORD, (s4 + d) % WORD
    s5, s6, s7, s8 = (s5 + e) % WORD, (s6 + f) % WORD, (s7 + g) % WORD, (s8 + h) % WORD
  end
  return { s1, s2, s3, s4, s5, s6, s7, s8 }
end

local function sha256_end(state, message, bytes_before)
  local last = sha256_blocks(state, padded(message, 64, 8, bytes_before))
  for i = 1, 8 do last[i] = word_bytes(last[i]) end
  return concat(last)
end

local function sha256(message)
  return sha256_end(START_HIGH, message, 0)
end

--- HMAC-SHA-256 under one key, for many messages: what the key alone decides is computed once.
local function hmac_under(key)
  if #key > 64 then key = sha256(key) end
  key = key .. ('\0'):rep(64 - #key)
  local inner = sha256_blocks(START_HIGH, xor_bytes(key, ('\54'):rep(64)))
  local outer = sha256_blocks(START_HIGH, xor_bytes(key, ('\92'):rep(64)))
  return function(message)
    return sha256_end(outer, sha256_end(inner, message, 64), 64)
  end
end

local function hmac(key, message)
  return hmac_under(key)(message)
end

--- HKDF-Expand to 32 bytes, the only length that the protocol asks for.
local function expand(secret, label)
  return hmac(secret, label .. '\1')
end

local function rotate64(high, low, n)
  if n >= 32 then
    high, low, n = low, high, n - 32
  end
  local up = 2 ^ (32 - n)
  local function join(left, right) return floor((left * up) % WORD + rshift(right, n)) end
  return join(low, high), join(high, low)
end

local function shift64(high, low, n)
  return rshift(high, n), floor((high * 2 ^ (32 - n)) % WORD + rshift(low, n))
end

--- Sums of high and low halves, made into one number of 64 bits again.
local function carry(high, low)
  return (high + floor(low / WORD)) % WORD, low % WORD
end

--- SHA-512, with each word in two halves: Lua 5.2 counts to 2^53. It is slow, and used once for each handshake.
local function sha512(message)
  local blocks = padded(message, 128, 16, 0)
  local sh, sl, wh, wl = {}, {}, {}, {}
  for i = 1, 8 do sh[i], sl[i] = START_HIGH[i], START_LOW[i] end
  for at = 1, #blocks, 128 do
    for i = 1, 16 do wh[i], wl[i] = word_at(blocks, at + 8 * i - 8), word_at(blocks, at + 8 * i - 4) end
    for i = 17, 80 do
      local function sigma(from, one, two, three)
        local ah, al = rotate64(wh[from], wl[from], one)
        local bh, bl = rotate64(wh[from], wl[from], two)
        local ch, cl = shift64(wh[from], wl[from], three)
        return bxor(ah, bh, ch), bxor(al, bl, cl)
      end
      local nh, nl = sigma(i - 15, 1, 8, 7)
      local fh, fl = sigma(i - 2, 19, 61, 6)
      wh[i], wl[i] = carry(wh[i - 16] + nh + wh[i - 7] + fh, wl[i - 16] + nl + wl[i - 7] + fl)
    end
    local h, l = {}, {}
    for i = 1, 8 do h[i], l[i] = sh[i], sl[i] end
    local function sum_of(i, one, two, three)
      local ah, al = rotate64(h[i], l[i], one)
      local bh, bl = rotate64(h[i], l[i], two)
      local ch, cl = rotate64(h[i], l[i], three)
      return bxor(ah, bh, ch), bxor(al, bl, cl)
    end
    for i = 1, 80 do
      local eh, el = sum_of(5, 14, 18, 41)
      local choice_h = bxor(h[7], band(h[5], bxor(h[6], h[7])))
      local choice_l = bxor(l[7], band(l[5], bxor(l[6], l[7])))
      local oh, ol = h[8] + eh + choice_h + K_HIGH[i] + wh[i], l[8] + el + choice_l + K_LOW[i] + wl[i]
      local ah, al = sum_of(1, 28, 34, 39)
      local majority_h = bxor(band(h[1], h[2]), band(h[3], bxor(h[1], h[2])))
      local majority_l = bxor(band(l[1], l[2]), band(l[3], bxor(l[1], l[2])))
      for j = 8, 2, -1 do h[j], l[j] = h[j - 1], l[j - 1] end
      h[5], l[5] = carry(h[5] + oh, l[5] + ol)
      h[1], l[1] = carry(oh + ah + majority_h, ol + al + majority_l)
    end
    for i = 1, 8 do sh[i], sl[i] = carry(sh[i] + h[i], sl[i] + l[i]) end
  end
  local out = {}
  for i = 1, 8 do out[i] = word_bytes(sh[i]) .. word_bytes(sl[i]) end
  return concat(out)
end

--------------------------------------------------------------------------------------------------------------------
-- AES-256 (FIPS 197) backwards, in CBC mode with the padding of PKCS#7. Tables do four steps of a round at once.
--------------------------------------------------------------------------------------------------------------------

local SBOX, INVERSE_SBOX, MIX = {}, {}, { {}, {}, {}, {} }

do
  local function double(x)
    x = x * 2
    return x > 255 and bxor(x, 0x11b) or x
  end
  -- Powers of 3 run through all numbers of the field but 0; the inverse of 3^n is 3^(255 - n).
  local power, exponent, x = {}, {}, 1
  for n = 0, 254 do
    power[n], exponent[x] = x, n
    x = bxor(double(x), x)
  end
  for value = 0, 255 do
    local inverse = value == 0 and 0 or power[(255 - exponent[value]) % 255]
    local substitute = 0x63
    for turn = 0, 4 do
      local shifted = inverse * 2 ^ turn
      substitute = bxor(substitute, floor(shifted % 256), floor(shifted / 256))
    end
    SBOX[value], INVERSE_SBOX[substitute] = substitute, value
  end
  for value = 0, 255 do
    local s = INVERSE_SBOX[value]
    local s2 = double(s)
    local s4 = double(s2)
    local s8 = double(s4)
    local column = ((bxor(s8, s4, s2) * 256 + bxor(s8, s)) * 256 + bxor(s8, s4, s)) * 256 + bxor(s8, s2, s)
    for i = 1, 4 do MIX[i][value] = rrotate(column, 8 * (i - 1)) end
  end
end

local function substitute_word(word)
  local a, b, c, d = rshift(word, 24), rshift(word, 16) % 256, rshift(word, 8) % 256, word % 256
  return ((SBOX[a] * 256 + SBOX[b]) * 256 + SBOX[c]) * 256 + SBOX[d]
end

--- The round keys in the order in which decryption takes them, 60 words (section 5.3.5, equivalent inverse cipher).
local function aes_schedule(key)
  local words, constant = {}, 1
  for i = 0, 7 do words[i] = word_at(key, 4 * i + 1) end
  for i = 8, 59 do
    local word = words[i - 1]
    if i % 8 == 0 then
      word = bxor(substitute_word(rrotate(word, 24)), constant * 16777216)
      constant = constant * 2
    elseif i % 8 == 4 then
      word = substitute_word(word)
    end
    words[i] = bxor(words[i - 8], word)
  end
  local backwards = {}
  for i = 0, 59 do
    local round = floor(i / 4)
    local word = words[4 * (14 - round) + i % 4]
    if round > 0 and round < 14 then
      local s = substitute_word(word)
      word = bxor(MIX[1][rshift(s, 24)], MIX[2][rshift(s, 16) % 256], MIX[3][rshift(s, 8) % 256], MIX[4][s % 256])
    end
    backwards[i] = word
  end
  return backwards
end

--- AES-256-CBC: the plaintext without its padding, or nil where the padding or the length is wrong.
local function aes_cbc_decrypt(key, iv, ciphertext)
  if #ciphertext == 0 or #ciphertext % 16 ~= 0 then return nil end
  local keys = aes_schedule(key)
  local m1, m2, m3, m4, inverse = MIX[1], MIX[2], MIX[3], MIX[4], INVERSE_SBOX
  local function last(a, b, c, d)
    return ((inverse[rshift(a, 24)] * 256 + inverse[rshift(b, 16) % 256]) * 256 + inverse[rshift(c, 8) % 256]) * 256
      + inverse[d % 256]
  end
  local p1, p2, p3, p4 = word_at(iv, 1), word_at(iv, 5), word_at(iv, 9), word_at(iv, 13)
  local out = {}
  for at = 1, #ciphertext, 16 do
    local c1, c2 = word_at(ciphertext, at), word_at(ciphertext, at + 4)
    local c3, c4 = word_at(ciphertext, at + 8), word_at(ciphertext, at + 12)
    local a, b, c, d = bxor(c1, keys[0]), bxor(c2, keys[1]), bxor(c3, keys[2]), bxor(c4, keys[3])
    for k = 4, 52, 4 do
      a, b, c, d =
        bxor(m1[rshift(a, 24)], m2[rshift(d, 16) % 256], m3[rshift(c, 8) % 256], m4[b % 256], keys[k]),
        bxor(m1[rshift(b, 24)], m2[rshift(a, 16) % 256], m3[rshift(d, 8) % 256], m4[c % 256], keys[k + 1]),
        bxor(m1[rshift(c, 24)], m2[rshift(b, 16) % 256], m3[rshift(a, 8) % 256], m4[d % 256], keys[k + 2]),
        bxor(m1[rshift(d, 24)], m2[rshift(c, 16) % 256], m3[rshift(b, 8) % 256], m4[a % 256], keys[k + 3])
    end
    out[#out + 1] = word_bytes(bxor(last(a, d, c, b), keys[56], p1))
    out[#out + 1] = word_bytes(bxor(last(b, a, d, c), keys[57], p2))
    out[#out + 1] = word_bytes(bxor(last(c, b, a, d), keys[58], p3))
    out[#out + 1] = word_bytes(bxor(last(d, c, b, a), keys[59], p4))
    p1, p2, p3, p4 = c1, c2, c3, c4
  end
  local plaintext = concat(out)
  local padding = byte(plaintext, -1)
  if padding < 1 or padding > 16 or plaintext:sub(-padding) ~= char(padding):rep(padding) then return nil end
  return plaintext:sub(1, -padding - 1)
end

--- That many bytes of the key stream of a secret, from an offset on: block i is HMAC(secret, u64 i).
local function key_stream(secret, offset, size)
  local block_of, blocks = hmac_under(secret), {}
  local first = floor(offset / 32)
  for i = first, floor((offset + size - 1) / 32) do blocks[#blocks + 1] = block_of(big_endian(i, 8)) end
  local skip = offset - first * 32
  return concat(blocks):sub(skip + 1, skip + size)
end

--------------------------------------------------------------------------------------------------------------------
-- Text: hex, base64url, UTF-8, what a screen may see.
--------------------------------------------------------------------------------------------------------------------

local function from_hex(hex)
  return (hex:gsub('%x%x', function(pair) return char(tonumber(pair, 16)) end))
end

local function to_hex(bytes)
  return (bytes:gsub('.', function(c) return ('%02x'):format(byte(c)) end))
end

local BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

--- base64url without padding (RFC 4648 section 5).
local function base64url(bytes)
  local out = {}
  for at = 1, #bytes, 3 do
    local a, b, c = byte(bytes, at, at + 2)
    local number = (a * 256 + (b or 0)) * 256 + (c or 0)
    for place = 1, (c and 4 or b and 3 or 2) do
      local index = floor(number / 64 ^ (4 - place)) % 64 + 1
      out[#out + 1] = BASE64URL:sub(index, index)
    end
  end
  return concat(out)
end

--- Whether bytes are UTF-8 (RFC 3629): nothing overlong, no surrogates, nothing above U+10FFFF.
local function is_utf8(text)
  local at = 1
  while true do
    at = text:find('[\128-\255]', at)
    if at == nil then return true end
    local a, b = byte(text, at, at + 1)
    local size = a >= 0xc2 and a <= 0xdf and 2 or a >= 0xe0 and a <= 0xef and 3 or a >= 0xf0 and a <= 0xf4 and 4
    if not size or not text:find('^[\128-\191]' .. ('[\128-\191]'):rep(size - 2), at + 1) then return false end
    if a == 0xe0 and b < 0xa0 or a == 0xed and b > 0x9f then return false end
    if a == 0xf0 and b < 0x90 or a == 0xf4 and b > 0x8f then return false end
    at = at + size
  end
end

--- One character in UTF-8. A surrogate without its other half is no character.
local function utf8_char(code)
  if code >= 0xd800 and code <= 0xdfff then code = 0xfffd end
  if code < 0x80 then return char(code) end
  local tail = char(0x80 + code % 64)
  code = floor(code / 64)
  if code < 0x20 then return char(0xc0 + code) .. tail end
  tail = char(0x80 + code % 64) .. tail
  code = floor(code / 64)
  if code < 0x10 then return char(0xe0 + code) .. tail end
  return char(0xf0 + floor(code / 64), 0x80 + code % 64) .. tail
end

-- Longest text of a message in the Info column, in bytes.
local INFO_LIMIT = 120

--- One line for the Info column: texts come from strangers, and terminals obey control characters.
local function one_line(text)
  if #text > INFO_LIMIT then text = text:sub(1, INFO_LIMIT):gsub('[\192-\255][\128-\191]*$', '') .. '...' end
  text = text:gsub('[\0-\31\127]', '.'):gsub('\194[\128-\159]', '.')
  -- Marks that turn the direction of writing round would turn the line round.
  return (text:gsub('\226\128[\170-\174]', '.'):gsub('\226\129[\166-\169]', '.'))
end

--------------------------------------------------------------------------------------------------------------------
-- JSON with places (RFC 8259), as strict as any reader of the protocol, because what is lax here would hide a fault.
--------------------------------------------------------------------------------------------------------------------

-- Deepest nesting, so that a hostile body does not exhaust the stack.
local JSON_DEPTH = 64

local ESCAPES = { b = '\b', f = '\f', n = '\n', r = '\r', t = '\t', ['"'] = '"', ['\\'] = '\\', ['/'] = '/' }

--- Parses bytes from index `at` to their end; raises an error for anything that is not one JSON value. A value is
--- { kind, at, size, ... } with its place counted from 0: a `string` has the text between its quotes there, and its
--- decoded `text`; a `number` and a `word` their `text`; an `object` its `members`, an `array` its `items`.
local function parse_json(bytes, at)
  local value

  local function space()
    at = bytes:find('[^ \t\r\n]', at) or #bytes + 1
  end

  local function take(literal)
    if bytes:sub(at, at + #literal - 1) ~= literal then error('not JSON', 0) end
    at = at + #literal
  end

  local function escape()
    local plain = ESCAPES[bytes:sub(at, at)]
    if plain then
      at = at + 1
      return plain
    end
    local hex = bytes:match('^u(%x%x%x%x)', at) or error('no such escape', 0)
    at = at + 5
    local code = tonumber(hex, 16)
    local low = code >= 0xd800 and code <= 0xdbff and bytes:match('^\\u([dD][c-fC-F]%x%x)', at)
    if low then
      at = at + 6
      code = 0x10000 + (code - 0xd800) * 1024 + tonumber(low, 16) - 0xdc00
    end
    return utf8_char(code)
  end

  local function string_value()
    take('"')
    local first, parts = at, {}
    while true do
      local stop = bytes:find('["\\\0-\31]', at) or error('a string without end', 0)
      parts[#parts + 1] = bytes:sub(at, stop - 1)
      at = stop
      if bytes:sub(at, at) == '"' then break end
      take('\\')
      parts[#parts + 1] = escape()
    end
    at = at + 1
    return { kind = 'string', at = first - 1, size = at - 1 - first, text = concat(parts) }
  end

  local function list(close, item)
    at = at + 1
    space()
    if bytes:sub(at, at) == close then
      at = at + 1
      return
    end
    while true do
      item()
      space()
      if bytes:sub(at, at) == close then break end
      take(',')
      space()
    end
    at = at + 1
  end

  function value(depth)
    if depth > JSON_DEPTH then error('nested too deep', 0) end
    space()
    local start, first = at, bytes:sub(at, at)
    if first == '"' then return string_value() end
    if first == '{' then
      local members = {}
      list('}', function()
        local key = string_value().text
        space()
        take(':')
        members[key] = value(depth + 1)
      end)
      return { kind = 'object', members = members }
    end
    if first == '[' then
      local items = {}
      list(']', function() items[#items + 1] = value(depth + 1) end)
      return { kind = 'array', items = items }
    end
    for _, word in ipairs { 'true', 'false', 'null' } do
      if bytes:sub(at, at + #word - 1) == word then
        at = at + #word
        return { kind = word == 'null' and 'null' or 'boolean', at = start - 1, size = #word, text = word }
      end
    end
    local number = bytes:match('^-?0', at) or bytes:match('^-?[1-9]%d*', at) or error('not JSON', 0)
    at = at + #number
    at = at + #(bytes:match('^%.%d+', at) or '')
    at = at + #(bytes:match('^[eE][+-]?%d+', at) or '')
    return { kind = 'number', at = start - 1, size = at - start, text = bytes:sub(start, at - 1) }
  end

  local result = value(1)
  space()
  if at <= #bytes then error('more than one value', 0) end
  return result
end

--------------------------------------------------------------------------------------------------------------------
-- The primes of the named groups (RFC 7919 appendix A, RFC 3526), for one question: is a public value p - 1 or more?
-- Their digits are those of e and pi, so they are computed, once, when a value comes close: its first 64 bits are ones.
--------------------------------------------------------------------------------------------------------------------

local GROUPS = {
  ffdhe2048 = { constant = 'e', bits = 2048, addend = 560316 },
  ffdhe3072 = { constant = 'e', bits = 3072, addend = 2625351 },
  ffdhe4096 = { constant = 'e', bits = 4096, addend = 5736041 },
  ffdhe6144 = { constant = 'e', bits = 6144, addend = 15705020 },
  ffdhe8192 = { constant = 'e', bits = 8192, addend = 10965728 },
  modp14 = { constant = 'pi', bits = 2048, addend = 124476 },
  modp15 = { constant = 'pi', bits = 3072, addend = 1690314 },
  modp16 = { constant = 'pi', bits = 4096, addend = 240904 },
  modp17 = { constant = 'pi', bits = 6144, addend = 929484 },
  modp18 = { constant = 'pi', bits = 8192, addend = 4743158 },
}

-- A fraction below 1 is a list of digits to the base 2^24, enough of them for 8192 bits and the errors of rounding.
local DIGIT, DIGITS = 16777216, 346

local function fraction(numerator, denominator)
  local digits = {}
  for i = 1, DIGITS do
    numerator = numerator * DIGIT
    digits[i] = floor(numerator / denominator)
    numerator = numerator % denominator
  end
  return digits
end

--- Divides in place; whether anything is left.
local function divide(digits, divisor)
  local rest, left = 0, false
  for i = 1, DIGITS do
    local part = rest * DIGIT + digits[i]
    digits[i] = floor(part / divisor)
    rest = part % divisor
    left = left or digits[i] > 0
  end
  return left
end

--- Adds `factor` times `other` in place.
local function add(digits, other, factor)
  local over = 0
  for i = DIGITS, 1, -1 do
    local sum = digits[i] + factor * other[i] + over
    digits[i] = sum % DIGIT
    over = floor(sum / DIGIT)
  end
end

--- Adds factor * arctan(1/x) = factor * (1/x - 1/3x^3 + 1/5x^5 - ...).
local function add_arctan(digits, x, factor)
  local power, k = fraction(1, x), 1
  repeat
    local term = {}
    for i = 1, DIGITS do term[i] = power[i] end
    divide(term, k)
    add(digits, term, factor)
    factor, k = -factor, k + 2
  until not divide(power, x * x)
end

local quarters = {
  -- e / 4 = 1/4 (1/0! + 1/1! + 1/2! + ...)
  e = function()
    local sum, term, k = fraction(1, 4), fraction(1, 4), 1
    while divide(term, k) do
      add(sum, term, 1)
      k = k + 1
    end
    return sum
  end,
  -- Machin: pi / 4 = 4 arctan(1/5) - arctan(1/239)
  pi = function()
    local sum = fraction(0, 1)
    add_arctan(sum, 5, 4)
    add_arctan(sum, 239, -1)
    return sum
  end,
}

local hex_digits, primes = {}, {}

--- A quarter of e or pi: the digits behind the point, in hex.
local function digits_of(constant)
  if hex_digits[constant] == nil then
    local hex = {}
    for i, digit in ipairs(quarters[constant]()) do hex[i] = ('%06x'):format(digit) end
    hex_digits[constant] = concat(hex)
  end
  return hex_digits[constant]
end

--- p of a named group in hex: 2^n - 2^(n-64) + (floor(2^(n-130) c) + addend) 2^64 - 1.
local function prime_of(name)
  if primes[name] == nil then
    local group = GROUPS[name]
    local middle = digits_of(group.constant):sub(1, (group.bits - 128) / 4)
    local low = ('%012x'):format(tonumber(middle:sub(-12), 16) + group.addend - 1)
    primes[name] = ('f'):rep(16) .. middle:sub(1, -13) .. low .. ('f'):rep(16)
  end
  return primes[name]
end

--- Whether a public value, in hex, is one that makes the secret known to everybody.
local function is_bad_public_value(group, hex)
  if not hex:find('^%x+$') then return true end
  local value = hex:lower():gsub('^0+', '')
  if #value <= 1 and (value == '' or value == '1') then return true end
  if not group or not GROUPS[group] then return false end
  local size = GROUPS[group].bits / 4
  if #value ~= size then return #value > size end
  return value:sub(1, 16) == ('f'):rep(16) and value >= prime_of(group):sub(1, -2) .. 'e'
end

--------------------------------------------------------------------------------------------------------------------
-- The messages of docs/protocol.md, as tables: what there is to show (fields, as `p2pc.<name>`, and findings, as
-- `p2pc.finding.<code>`), the types by name, and of each what it may carry and what Wireshark says of it in one line.
-- Fields of a JSON body are { path, name, type of JSON }, where `[]` are the items of an array; parts of a binary body
-- are { name, bytes }, one after the other, of which the last may have `rest` for all that is left.
--------------------------------------------------------------------------------------------------------------------

--- The types of a list, as the keys of a table.
local function set(types)
  local members = {}
  for _, type in ipairs(types) do members[type] = true end
  return members
end

-- wire tables: npm run wire-tables writes what is between this line and the next one that says so

local FIELDS = {
  { 'length', 'number', 'Length' },
  { 'type', 'type', 'Type' },
  { 'body', 'bytes', 'Body' },
  { 'protocol', 'text', 'Protocol of the conversation' },
  { 'response_to', 'request', 'Answer to packet' },
  { 'response_in', 'response', 'Answer in packet' },
  { 'dh.bits', 'number', 'Size of the group in bits' },
  { 'identity.tag_status', 'text', 'Tag status' },
  { 'identity.key', 'bytes', 'Identity key' },
  { 'identity.signature', 'bytes', 'Signature' },
  { 'identity.mac', 'bytes', 'MAC' },
  { 'identity.mac_status', 'text', 'MAC status' },
  { 'confirm.status', 'text', 'Key confirmation' },
  { 'safety_number', 'text', 'Safety number' },
  { 'record.offset', 'number', 'Place in the key stream' },
  { 'record.sequence', 'number', 'Sequence number' },
  { 'record.epoch', 'number', 'Key updates before it' },
  { 'record.tag_status', 'text', 'Tag status' },
  { 'record.batch_length', 'number', 'Length of the batch' },
  { 'record.padding', 'bytes', 'Zeros' },
  { 'legacy.line', 'text', 'Line' },
  { 'legacy.public', 'text', 'Public value' },
  { 'legacy.text', 'text', 'Text' },
  { 'legacy.iv', 'bytes', 'IV' },
  { 'legacy.ciphertext', 'bytes', 'Ciphertext' },
  { 'magic', 'text', 'Magic' },
  { 'hello.protocol', 'text', 'Protocol' },
  { 'hello.rung', 'text', 'Rung of the users' },
  { 'id', 'number', 'Id' },
  { 'code', 'text', 'Code' },
  { 'message', 'text', 'Message' },
  { 'expression', 'text', 'Expression' },
  { 'result', 'text', 'Result' },
  { 'column', 'number', 'Column' },
  { 'welcome.open', 'text', 'Open to other machines' },
  { 'nonce', 'text', 'Nonce' },
  { 'name', 'text', 'Name' },
  { 'port', 'number', 'Port' },
  { 'proof.key', 'text', 'Key of the proof' },
  { 'proof.nonce', 'text', 'Nonce of the proof' },
  { 'proof.address', 'text', 'Address of the directory' },
  { 'proof.signature', 'text', 'Signature of the proof' },
  { 'who.prefix', 'text', 'Prefix' },
  { 'who.after', 'text', 'After' },
  { 'who.limit', 'number', 'Limit' },
  { 'users.next', 'text', 'Next page after' },
  { 'host', 'text', 'Host' },
  { 'fingerprint', 'text', 'Fingerprint' },
  { 'presence.online', 'text', 'Online' },
  { 'conversation', 'text', 'Conversation' },
  { 'resume.conversation', 'text', 'Conversation that goes on' },
  { 'received', 'text', 'Texts received' },
  { 'text', 'text', 'Text' },
  { 'file.name', 'text', 'File name' },
  { 'file.size', 'number', 'File size' },
  { 'file.sha256', 'text', 'SHA-256 of the file' },
  { 'file.offset', 'number', 'Offset' },
  { 'file.bytes', 'bytes', 'Bytes of the file' },
  { 'dh.groups', 'text', 'Groups offered' },
  { 'dh.group', 'text', 'Group' },
  { 'dh.public', 'text', 'Public value' },
  { 'identity.ciphertext', 'bytes', 'Encrypted identity' },
  { 'identity.tag', 'bytes', 'Tag' },
  { 'confirm.mac', 'bytes', 'Confirmation' },
  { 'record.ciphertext', 'bytes', 'Ciphertext' },
  { 'record.iv', 'bytes', 'IV' },
  { 'record.tag', 'bytes', 'Tag' },
}

local FINDINGS = {
  { 'plaintext', 'warning', 'anyone on the path can read this' },
  { 'unproven-name', 'note', 'nothing proves this name' },
  { 'malleable', 'note', 'nothing authenticates this record: anyone on the path can change it' },
  { 'small-group', 'error', 'the group is so small that anyone can compute the secret' },
  { 'legacy', 'warning', 'an exchange that nothing authenticates, without frames and without versions' },
  { 'bad-public-value', 'error', 'this public value makes the secret known to everybody' },
  { 'bad-identity', 'error', 'the identity does not hold: altered, or made for another exchange' },
  { 'bad-confirm', 'error', 'the confirmation is wrong: the two sides do not have the same keys' },
  { 'bad-tag', 'error', 'the tag is wrong: altered or forged' },
  { 'replayed', 'error', 'this record was sent before' },
  { 'reordered', 'error', 'records before this one are missing' },
  { 'reflected', 'error', 'this record was made by the other side' },
  { 'iv-reuse', 'error', 'this IV was used before: equal beginnings show' },
  { 'bad-frame', 'error', 'this does not follow the protocol' },
  { 'retry', 'note', 'another group was asked for' },
  { 'refused', 'note', 'the other side was refused' },
  { 'no-key', 'note', 'no key log line for this: it stays sealed, and a CONFIRM unchecked' },
}

local T = {
  HELLO = 0x01, ERROR = 0x02, GOODBYE = 0x03, KEEPALIVE = 0x04, EVALUATE = 0x10, RESULT = 0x11, WELCOME = 0x20,
  REGISTER = 0x21, REGISTERED = 0x22, WHO = 0x23, USERS = 0x24, LOOKUP = 0x25, CARD = 0x26, WATCH = 0x27,
  PRESENCE = 0x28, NAME = 0x30, OFFER = 0x31, RETRY = 0x32, ANSWER = 0x33, IDENTITY = 0x34, CONFIRM = 0x35,
  RECORD = 0x40, KEY_UPDATE = 0x41, CALL = 0x50, ACCEPT = 0x51, DECLINE = 0x52, TEXT = 0x53, RECEIPT = 0x54,
  FILE_OFFER = 0x55, FILE_ACCEPT = 0x56, FILE_CHUNK = 0x57, FILE_PROGRESS = 0x58, FILE_RESULT = 0x59,
  FILE_CANCEL = 0x5a,
}

local MESSAGES = {
  [T.HELLO] = {
    name = 'HELLO', limit = 256,
    mark = 'P2PC',
    members = { { 'protocol', 'hello.protocol', 'string' }, { 'rung', 'hello.rung', 'string' } },
    summary = '{hello.protocol}[ {hello.rung}]',
  },
  [T.ERROR] = {
    name = 'ERROR', limit = 1024,
    members = { { 'id', 'id', 'number' }, { 'code', 'code', 'string' }, { 'message', 'message', 'string' } },
    summary = '{code}: {message}',
    draws = { { 'refused' } },
  },
  [T.GOODBYE] = {
    name = 'GOODBYE', limit = 0,
    parts = {},
  },
  [T.KEEPALIVE] = {
    name = 'KEEPALIVE', limit = 0,
    parts = {},
  },
  [T.EVALUATE] = {
    name = 'EVALUATE', limit = 65536,
    members = { { 'id', 'id', 'number' }, { 'expression', 'expression', 'string' } },
    summary = '{expression}',
    draws = { { 'plaintext' } },
    request = true, has_id = true,
    refusable = true,
  },
  [T.RESULT] = {
    name = 'RESULT', limit = 2048,
    members = {
      { 'id', 'id', 'number' }, { 'result', 'result', 'string' }, { 'error.code', 'code', 'string' },
      { 'error.message', 'message', 'string' }, { 'error.column', 'column', 'number' },
    },
    summary = '[{result}|{message}]',
    draws = { { 'plaintext' } },
    answers = { T.EVALUATE },
  },
  [T.WELCOME] = {
    name = 'WELCOME', limit = 16384,
    members = { { 'open', 'welcome.open', 'boolean' }, { 'nonce', 'nonce', 'string' } },
    summary = 'open to other machines: {welcome.open}',
  },
  [T.REGISTER] = {
    name = 'REGISTER', limit = 16384,
    members = {
      { 'name', 'name', 'string' }, { 'port', 'port', 'number' }, { 'proof.key', 'proof.key', 'string' },
      { 'proof.nonce', 'proof.nonce', 'string' }, { 'proof.address', 'proof.address', 'string' },
      { 'proof.signature', 'proof.signature', 'string' },
    },
    summary = '{name}, [port {port}|takes no calls]',
    draws = { { 'unproven-name', 'proof.key' } },
    request = true, has_id = false,
    refusable = true,
  },
  [T.REGISTERED] = {
    name = 'REGISTERED', limit = 16384,
    members = { { 'name', 'name', 'string' } },
    summary = '{name}',
    answers = { T.REGISTER },
  },
  [T.WHO] = {
    name = 'WHO', limit = 16384,
    members = {
      { 'id', 'id', 'number' }, { 'prefix', 'who.prefix', 'string' }, { 'after', 'who.after', 'string' },
      { 'limit', 'who.limit', 'number' },
    },
    summary = '{who.prefix}*',
    request = true, has_id = true,
    refusable = true,
  },
  [T.USERS] = {
    name = 'USERS', limit = 16384,
    members = { { 'id', 'id', 'number' }, { 'users[].name', 'name', 'string' }, { 'next', 'users.next', 'string' } },
    summary = '[{name}|nobody]',
    answers = { T.WHO },
  },
  [T.LOOKUP] = {
    name = 'LOOKUP', limit = 16384,
    members = { { 'id', 'id', 'number' }, { 'name', 'name', 'string' } },
    summary = '{name}',
    request = true, has_id = true,
    refusable = true,
  },
  [T.CARD] = {
    name = 'CARD', limit = 16384,
    members = {
      { 'id', 'id', 'number' }, { 'name', 'name', 'string' }, { 'host', 'host', 'string' },
      { 'port', 'port', 'number' }, { 'fingerprint', 'fingerprint', 'string' },
    },
    summary = '{name} at {host}, [port {port}|takes no calls]',
    answers = { T.LOOKUP },
  },
  [T.WATCH] = {
    name = 'WATCH', limit = 16384,
    members = { { 'names[]', 'name', 'string' } },
    summary = '{name}',
  },
  [T.PRESENCE] = {
    name = 'PRESENCE', limit = 16384,
    members = { { 'name', 'name', 'string' }, { 'online', 'presence.online', 'boolean' } },
    summary = '{name}, online: {presence.online}',
  },
  [T.NAME] = {
    name = 'NAME', limit = 256,
    members = { { 'name', 'name', 'string' } },
    summary = '{name}',
    draws = { { 'unproven-name' } },
  },
  [T.OFFER] = {
    name = 'OFFER', limit = 8192,
    members = {
      { 'groups[]', 'dh.groups', 'string' }, { 'group', 'dh.group', 'string' }, { 'public', 'dh.public', 'string' },
      { 'nonce', 'nonce', 'string' },
    },
    summary = '{dh.group}[, {dh.bits} bits]',
    request = true, has_id = false,
  },
  [T.RETRY] = {
    name = 'RETRY', limit = 8192,
    members = { { 'group', 'dh.group', 'string' } },
    summary = '{dh.group}',
    draws = { { 'retry' } },
    answers = { T.OFFER },
  },
  [T.ANSWER] = {
    name = 'ANSWER', limit = 8192,
    members = { { 'group', 'dh.group', 'string' }, { 'public', 'dh.public', 'string' }, { 'nonce', 'nonce', 'string' } },
    summary = '{dh.group}[, {dh.bits} bits]',
    answers = { T.OFFER },
  },
  [T.IDENTITY] = {
    name = 'IDENTITY', limit = 193,
    parts = { { 'identity.ciphertext', 161 }, { 'identity.tag', 32 } },
  },
  [T.CONFIRM] = {
    name = 'CONFIRM', limit = 32,
    parts = { { 'confirm.mac', 32 } },
  },
  [T.RECORD] = {
    name = 'RECORD', limit = 66000,
  },
  [T.KEY_UPDATE] = {
    name = 'KEY_UPDATE', limit = 0,
    parts = {},
  },
  [T.CALL] = {
    name = 'CALL', limit = 256,
    members = {
      { 'conversation', 'conversation', 'string' }, { 'resume.conversation', 'resume.conversation', 'string' },
      { 'resume.received', 'received', 'string' },
    },
    summary = '[{resume.conversation} goes on, texts received: {received}]',
    request = true, has_id = false,
  },
  [T.ACCEPT] = {
    name = 'ACCEPT', limit = 256,
    members = { { 'conversation', 'conversation', 'string' }, { 'received', 'received', 'string' } },
    summary = '[goes on, texts received: {received}]',
    answers = { T.CALL },
  },
  [T.DECLINE] = {
    name = 'DECLINE', limit = 256,
    members = { { 'code', 'code', 'string' } },
    summary = '{code}',
    draws = { { 'refused' } },
    answers = { T.CALL },
  },
  [T.TEXT] = {
    name = 'TEXT', limit = 16392,
    parts = { { 'id', 8 }, { 'text', 0, rest = true } },
    summary = '"{text}"',
    draws = { { 'plaintext' } },
    request = true, has_id = true,
  },
  [T.RECEIPT] = {
    name = 'RECEIPT', limit = 8,
    parts = { { 'id', 8 } },
    summary = 'up to {id}',
    answers = { T.TEXT },
  },
  [T.FILE_OFFER] = {
    name = 'FILE_OFFER', limit = 2048,
    members = {
      { 'id', 'id', 'number' }, { 'name', 'file.name', 'string' }, { 'size', 'file.size', 'number' },
      { 'sha256', 'file.sha256', 'string' },
    },
    summary = '{id} "{file.name}", {file.size} bytes',
    draws = { { 'plaintext' } },
    request = true, has_id = true,
  },
  [T.FILE_ACCEPT] = {
    name = 'FILE_ACCEPT', limit = 256,
    members = { { 'id', 'id', 'number' }, { 'offset', 'file.offset', 'number' } },
    summary = '{id} from byte {file.offset}',
    answers = { T.FILE_OFFER },
  },
  [T.FILE_CHUNK] = {
    name = 'FILE_CHUNK', limit = 64524,
    parts = { { 'id', 4 }, { 'file.offset', 8 }, { 'file.bytes', 1, rest = true } },
    summary = '{id} from byte {file.offset}, {#file.bytes} bytes',
    draws = { { 'plaintext' } },
  },
  [T.FILE_PROGRESS] = {
    name = 'FILE_PROGRESS', limit = 12,
    parts = { { 'id', 4 }, { 'file.offset', 8 } },
    summary = '{id} up to byte {file.offset}',
  },
  [T.FILE_RESULT] = {
    name = 'FILE_RESULT', limit = 256,
    members = { { 'id', 'id', 'number' }, { 'code', 'code', 'string' } },
    summary = '{id} [{code}|arrived]',
    answers = { T.FILE_OFFER },
  },
  [T.FILE_CANCEL] = {
    name = 'FILE_CANCEL', limit = 256,
    members = { { 'id', 'id', 'number' }, { 'code', 'code', 'string' } },
    summary = '{id} {code}',
  },
}

local REFUSABLE = { T.EVALUATE, T.REGISTER, T.WHO, T.LOOKUP }

local PROTOCOLS = {
  ['calc/1'] = {
    outside = set { T.HELLO, T.ERROR, T.GOODBYE, T.KEEPALIVE, T.EVALUATE, T.RESULT },
  },
  ['directory/1'] = {
    outside = set {
      T.HELLO, T.ERROR, T.GOODBYE, T.KEEPALIVE, T.WELCOME, T.REGISTER, T.REGISTERED, T.WHO, T.USERS, T.LOOKUP,
      T.CARD, T.WATCH, T.PRESENCE,
    },
  },
  ['peer-basic/1'] = {
    outside = set {
      T.HELLO, T.NAME, T.ERROR, T.GOODBYE, T.KEEPALIVE, T.CALL, T.ACCEPT, T.DECLINE, T.TEXT, T.RECEIPT,
      T.FILE_OFFER, T.FILE_ACCEPT, T.FILE_CHUNK, T.FILE_PROGRESS, T.FILE_RESULT, T.FILE_CANCEL,
    },
  },
  ['peer-dh/1'] = {
    outside = set { T.HELLO, T.ERROR, T.GOODBYE, T.KEEPALIVE, T.OFFER, T.RETRY, T.ANSWER, T.IDENTITY, T.CONFIRM, T.RECORD },
    inside = set {
      T.ERROR, T.GOODBYE, T.KEEPALIVE, T.CALL, T.ACCEPT, T.DECLINE, T.TEXT, T.RECEIPT, T.FILE_OFFER, T.FILE_ACCEPT,
      T.FILE_CHUNK, T.FILE_PROGRESS, T.FILE_RESULT, T.FILE_CANCEL,
    },
  },
  ['peer-aes/1'] = {
    outside = set { T.HELLO, T.ERROR, T.GOODBYE, T.KEEPALIVE, T.OFFER, T.RETRY, T.ANSWER, T.IDENTITY, T.CONFIRM, T.RECORD },
    inside = set {
      T.ERROR, T.GOODBYE, T.KEEPALIVE, T.CALL, T.ACCEPT, T.DECLINE, T.TEXT, T.RECEIPT, T.FILE_OFFER, T.FILE_ACCEPT,
      T.FILE_CHUNK, T.FILE_PROGRESS, T.FILE_RESULT, T.FILE_CANCEL, T.KEY_UPDATE,
    },
  },
}
-- end of wire tables

local KIND = {}
for _, field in ipairs(FIELDS) do KIND[field[1]] = field[2] end

local PREFIX = 'p2p-secure-chat '

-- Largest length of any frame: beyond it nothing can be trusted to be a length.
local LARGEST_LENGTH = 1 + MESSAGES[T.RECORD].limit

--------------------------------------------------------------------------------------------------------------------
-- The key log: `P2PC_HANDSHAKE_SECRET <H(T1)> <secret>` and `P2PC_SESSION_SECRET <H(T3)> <secret>`, one per line.
--------------------------------------------------------------------------------------------------------------------

local key_log = { secrets = {}, read = {} }

--- Takes what lines there are in a text, and leaves the rest.
function key_log.add(text)
  for line in text:gmatch('[^\r\n]+') do
    local kind, hash, secret = line:match('^%s*P2PC_(%u+)_SECRET%s+(%x+)%s+(%x+)%s*$')
    if (kind == 'HANDSHAKE' or kind == 'SESSION') and #hash == 64 and #secret == 64 then
      key_log.secrets[kind .. from_hex(hash)] = from_hex(secret)
    end
  end
end

--- Where the file is, if there is one; Wireshark's half knows.
function key_log.path() return nil end

--- Tells a person, once, that the file cannot be read.
function key_log.complain() end

--- Reads what was written to the file since the last time.
function key_log.read_file()
  local path = key_log.path()
  if not path then return end
  local file, why = io.open(path, 'rb')
  if not file then
    if not key_log.read.complained then key_log.complain(why) end
    key_log.read.complained = true
    return
  end
  local size = file:seek('end')
  if size ~= key_log.read.size then
    file:seek('set')
    key_log.add(file:read('*a') or '')
    key_log.read.size = size
  end
  file:close()
end

--- The secret of a transcript, or nil. A client may have written it a moment ago, so the file is looked at again.
function key_log.secret(kind, transcript_hash)
  local key = kind .. transcript_hash
  if key_log.secrets[key] == nil then key_log.read_file() end
  return key_log.secrets[key]
end

--------------------------------------------------------------------------------------------------------------------
-- What the tree shows of one frame. `seen` has its name, its fields in order, its findings, and the plaintext of what it
-- seals; places count from 0 at the beginning of the frame, or of the plaintext for fields in there.
--------------------------------------------------------------------------------------------------------------------

--- One field: a value (text, or a number in decimal; bytes need none) and its place; without a place it was computed.
local function add_field(seen, name, value, at, size)
  seen.fields[#seen.fields + 1] = { name = name, value = value, at = at, size = size }
end

local function find(seen, code, detail)
  for _, finding in ipairs(seen.findings) do
    if finding.code == code then return end
  end
  seen.findings[#seen.findings + 1] = { code = code, detail = detail }
end

--- The first value of a field, or nil.
local function value_of(seen, name)
  for _, field in ipairs(seen.fields) do
    if field.name == name then return field.value end
  end
end

--- Eight bytes or fewer as a decimal number, exact where Lua's own numbers are not.
local function decimal(bytes)
  local digits, number = {}, { byte(bytes, 1, -1) }
  repeat
    local rest, left = 0, false
    for i = 1, #number do
      rest = rest * 256 + number[i]
      number[i] = floor(rest / 10)
      rest = rest % 10
      left = left or number[i] > 0
    end
    table.insert(digits, 1, ('%d'):format(rest))
  until not left
  return concat(digits)
end

local LARGEST_NUMBER = 9007199254740991 -- 2^53 - 1

--- A number of JSON as the protocol has them, whole and in decimal, however it is spelt; nil for any other.
local function whole_number(text)
  local number = tonumber(text)
  if number == 0 then return '0' end
  if number < 0 or number > LARGEST_NUMBER or number ~= floor(number) then return nil end
  return ('%.0f'):format(number)
end

local bad_shape = 'a body of another shape'

--- All values of a JSON body at a path; raises an error if one has the wrong type.
local function values_at(value, path, found)
  if value == nil or value.kind == 'null' then return found end
  if path == '' then
    found[#found + 1] = value
    return found
  end
  local key, rest = path:match('^([^.%[]+)%.?(.*)$')
  if key then
    if value.kind ~= 'object' then error(bad_shape, 0) end
    return values_at(value.members[key], rest, found)
  end
  if value.kind ~= 'array' then error(bad_shape, 0) end
  for _, item in ipairs(value.items) do values_at(item, path:match('^%[%]%.?(.*)$'), found) end
  return found
end

--- The fields of a JSON body from index `at` on, in the order of its members; raises an error for a body that is not of
--- this shape.
local function json_fields(members, bytes, at)
  local fields = {}
  if not is_utf8(bytes:sub(at)) then error('not UTF-8', 0) end
  local body = parse_json(bytes, at)
  if body.kind ~= 'object' then error('not an object', 0) end
  for _, member in ipairs(members) do
    local path, name, kind = member[1], member[2], member[3]
    for _, value in ipairs(values_at(body, path, {})) do
      if value.kind ~= kind then error(bad_shape, 0) end
      local text = value.text
      if kind == 'number' then text = whole_number(text) end
      if not text then error(bad_shape, 0) end
      fields[#fields + 1] = { name = name, value = text, at = value.at, size = value.size }
    end
  end
  return fields
end

--- The fields of a binary body from index `at` on; raises an error for one that is too short. One that is too long is
--- above the limit of its type, and does not come here.
local function binary_fields(parts, bytes, at)
  local fields = {}
  for _, part in ipairs(parts) do
    local name, size = part[1], part[2]
    local left = #bytes - at + 1
    if left < size then error('too short', 0) end
    if part.rest then size = left end
    local value = bytes:sub(at, at + size - 1)
    if KIND[name] == 'text' and not is_utf8(value) then error('not UTF-8', 0) end
    if KIND[name] == 'number' then value = decimal(value) end
    fields[#fields + 1] = { name = name, value = value, at = at - 1, size = size }
    at = at + size
  end
  return fields
end

--- A message as its name and what its template says: `{field}` is replaced by the values of a field, `{#field}` by how
--- many bytes they have, and `[...|...]` by its first half where all fields in it have a value, else by its second one.
local function summary_of(seen, template)
  if not template then return seen.name end
  local function values_of(name)
    local values = {}
    for _, field in ipairs(seen.fields) do
      if field.name == name then values[#values + 1] = field.value end
    end
    return concat(values, ', ')
  end
  local function bytes_of(name)
    local bytes = 0
    for _, field in ipairs(seen.fields) do
      if field.name == name then bytes = bytes + field.size end
    end
    return ('%d'):format(bytes)
  end
  local said = template:gsub('%[([^|%]]*)|?([^%]]*)%]', function(part, otherwise)
    for name in part:gmatch('{([%w_.]+)}') do
      if values_of(name) == '' then return otherwise end
    end
    return part
  end)
  said = said:gsub('{(#?)([%w_.]+)}', function(size, name)
    return size == '' and values_of(name) or bytes_of(name)
  end)
  return one_line(said == '' and seen.name or seen.name .. ' ' .. said)
end

local function bad_frame(seen, bytes)
  local length = seen.fields[1]
  seen.fields = { length, seen.fields[2] }
  if #bytes > 5 then add_field(seen, 'body', nil, 5, #bytes - 5) end
  seen.summary = seen.name .. ' (does not follow the protocol)'
  find(seen, 'bad-frame')
  return seen
end

--- A frame by itself: its header, its body, and what is wrong with them. Its second result is whether it follows the
--- protocol. `allowed` are the types that may stand here; nil for all that are known.
local function read_frame(bytes, allowed)
  local seen = { fields = {}, findings = {} }
  add_field(seen, 'length', decimal(bytes:sub(1, 4)), 0, 4)
  if #bytes < 5 then
    seen.name, seen.summary = 'frame without a type', 'frame without a type'
    find(seen, 'bad-frame')
    return seen, false
  end
  local type = byte(bytes, 5)
  local message = MESSAGES[type]
  seen.type, seen.name = type, message and message.name or ('type 0x%02x'):format(type)
  add_field(seen, 'type', decimal(bytes:sub(5, 5)), 4, 1)
  if not message or allowed and not allowed[type] or from_big_endian(bytes:sub(1, 4)) - 1 > message.limit then
    return bad_frame(seen, bytes), false
  end

  local start = 6
  if message.mark then
    start = start + #message.mark
    if bytes:sub(6, start - 1) ~= message.mark then return bad_frame(seen, bytes), false end
    add_field(seen, 'magic', message.mark, 5, #message.mark)
  end
  local read, layout = binary_fields, message.parts
  if message.members then
    read, layout = json_fields, message.members
  end
  if layout then
    local ok, fields = pcall(read, layout, bytes, start)
    if not ok then return bad_frame(seen, bytes), false end
    for _, field in ipairs(fields) do seen.fields[#seen.fields + 1] = field end
  end
  return seen, true
end

-- Below this many bits a group is small.
local SAFE_BITS = 2048

--- Everything about OFFER and ANSWER that needs no memory.
local function check_public_value(seen)
  local group, public = value_of(seen, 'dh.group'), value_of(seen, 'dh.public')
  local named = group and GROUPS[group]
  local bits = named and named.bits or public and public:find('^%x+$') and 4 * #public
  if bits then
    add_field(seen, 'dh.bits', ('%d'):format(bits))
    if bits < SAFE_BITS then find(seen, 'small-group', ('%d bits'):format(bits)) end
  end
  if public and is_bad_public_value(group, public) then find(seen, 'bad-public-value') end
end

--------------------------------------------------------------------------------------------------------------------
-- Conversations: what two endpoints have come to, as far as the capture shows.
--------------------------------------------------------------------------------------------------------------------

-- How many records of a direction are remembered, to recognise those that come again.
local REMEMBERED_RECORDS = 1024

-- How far a record may be out of place and still be recognised.
local REORDERED = 64

-- Largest amount of bytes to be hashed for a capture in search of records that are out of place: a forged record costs
-- 128 tags, and Lua takes a second for two MB.
local SEARCH_BYTES = 16 * 1024 * 1024

-- What was hashed in search so far, in all conversations of the capture together.
local searched = 0

-- Largest size of what a handshake may say before its second identity: two hellos, an OFFER, a RETRY, another OFFER and
-- an ANSWER, each as large as it may be. Beyond it nobody has a key for it, and hashing it would only cost time.
local LARGEST_EXCHANGE = 2 * (5 + 256) + 4 * (5 + 8192) + 1

local function new_side()
  return {
    -- How its segments are read; all else is about what its frames say.
    reading = {},
    requests = {},
    -- Records that came lately, by their bodies and by their IVs, and in the order in which they came.
    records = {}, ivs = {}, order = {}, remembered = 0,
    sequence = 0, epoch = 0, offset = 0,
  }
end

--- A conversation between two endpoints, named as `address:port`.
local function new_conversation(one, other)
  local conversation = { sides = { [one] = new_side(), [other] = new_side() }, handshake = { lacked = {} }, history = {} }
  conversation.sides[one].other, conversation.sides[other].other = conversation.sides[other], conversation.sides[one]
  return conversation
end

--- The sealing of a side: its keys of the current epoch.
local function traffic_keys(secret)
  return {
    encryption = expand(secret, PREFIX .. 'peer-aes/1 record encryption'),
    tag = hmac_under(expand(secret, PREFIX .. 'peer-aes/1 record mac')),
    next = function() return expand(secret, PREFIX .. 'peer-aes/1 key update') end,
  }
end

local function role_of(conversation, side)
  return side == conversation.handshake.initiator and 'initiator' or 'responder'
end

local function label(conversation, side, what)
  return PREFIX .. conversation.protocol .. ' ' .. role_of(conversation, side) .. ' ' .. what
end

--- The hash of a transcript, `t1` or `t3`, computed once: Lua takes milliseconds for it, and every record asks.
local function transcript_hash(handshake, name)
  local key = name .. '_hash'
  if not handshake[key] then handshake[key] = sha256(handshake[name]) end
  return handshake[key]
end

--- The secret that belongs to a transcript, kept under `field`; what the key log lacks is written down.
local function secret_of(handshake, field, kind, transcript)
  if not handshake[field] and handshake[transcript] then
    local hash = transcript_hash(handshake, transcript)
    handshake[field] = key_log.secret(kind, hash)
    if not handshake[field] then handshake.lacked[kind .. hash] = true end
  end
  return handshake[field]
end

local function handshake_secret(conversation)
  return secret_of(conversation.handshake, 'secret', 'HANDSHAKE', 't1')
end

local function session_secret(conversation)
  return secret_of(conversation.handshake, 'session', 'SESSION', 't3')
end

--- Whether a secret has turned up since the conversation lacked it.
local function has_new_secret(conversation)
  for key in pairs(conversation.handshake.lacked) do
    if key_log.secrets[key] then return true end
  end
  return false
end

local function note_missing_key(conversation, seen)
  conversation.sealed = true
  find(seen, 'no-key')
end

--- HELLO, and what makes the first part of the transcript: OFFER, perhaps RETRY and OFFER, ANSWER.
local function follow_exchange(conversation, side, seen, bytes)
  local handshake = conversation.handshake
  if seen.type == T.HELLO then
    side.hello = side.hello or bytes
    local protocol = value_of(seen, 'hello.protocol')
    if not conversation.protocol and PROTOCOLS[protocol] then conversation.protocol = protocol end
    return
  end
  if handshake.t1 then return end
  if seen.type == T.OFFER and not handshake.initiator then
    handshake.initiator = side
    if side.hello and side.other.hello then handshake.exchange = '\0' .. side.hello .. side.other.hello end
  end
  if not handshake.exchange then return end
  if #handshake.exchange + #bytes > LARGEST_EXCHANGE then
    handshake.exchange = nil
    return
  end
  handshake.exchange = handshake.exchange .. bytes
  if seen.type == T.ANSWER then handshake.t1 = handshake.exchange end
end

--- The 161 bytes of an identity: u8 n | name, zeros up to 32 bytes | key (32) | signature (64) | mac (32).
local function read_identity(conversation, side, seen, plaintext, transcript)
  local fields = {}
  local opened = { title = 'Opened identity', bytes = plaintext, fields = fields, findings = {}, frames = {} }
  local n = byte(plaintext, 1)
  local name = plaintext:sub(2, 1 + math.min(n, 32))
  local good = n <= 32 and name:find('^[a-z0-9][a-z0-9._-]*$') and plaintext:sub(2 + n, 33) == ('\0'):rep(32 - n)
  if n <= 32 and name:find('^[a-z0-9][a-z0-9._-]*$') then add_field(opened, 'name', name, 1, n) end
  local key = plaintext:sub(34, 65)
  add_field(opened, 'identity.key', nil, 33, 32)
  add_field(opened, 'identity.signature', nil, 65, 64)
  add_field(opened, 'identity.mac', nil, 129, 32)
  local mac_key = expand(conversation.handshake.secret, label(conversation, side, 'identity mac'))
  local expected = hmac(mac_key, sha256(transcript .. plaintext:sub(1, 129)))
  local status = expected == plaintext:sub(130) and 'good' or 'bad'
  add_field(opened, 'identity.mac_status', status)
  add_field(opened, 'fingerprint', base64url(sha256(key)))
  seen.plaintext = opened
  if not good or status == 'bad' then return find(seen, 'bad-identity') end
  side.identity = { key = key, name = name }
  seen.summary = seen.name .. ' of ' .. name
end

local function follow_identity(conversation, side, seen, bytes)
  local handshake = conversation.handshake
  local transcript = handshake.t1
  if transcript and side == handshake.initiator then transcript = handshake.t2 end
  if handshake.t1 and side ~= handshake.initiator then handshake.t2 = handshake.t2 or handshake.t1 .. bytes end
  if handshake.t2 and side == handshake.initiator then handshake.t3 = handshake.t3 or handshake.t2 .. bytes end

  local secret = transcript and handshake_secret(conversation)
  if not secret then return note_missing_key(conversation, seen) end
  local ciphertext, tag = bytes:sub(6, 166), bytes:sub(167)
  local good = hmac(expand(secret, label(conversation, side, 'identity tag')), ciphertext) == tag
  add_field(seen, 'identity.tag_status', good and 'good' or 'bad')
  if not good then return find(seen, 'bad-identity') end
  local stream = key_stream(expand(secret, label(conversation, side, 'identity encryption')), 0, #ciphertext)
  read_identity(conversation, side, seen, xor_bytes(ciphertext, stream), transcript)
end

--- Twelve groups of five digits that are the same on both screens (docs/protocol.md, Fingerprint and safety number).
local function safety_number(one, other)
  if one.key > other.key then
    one, other = other, one
  end
  local function entry(identity) return char(32) .. identity.key .. char(#identity.name) .. identity.name end
  local digest = sha512(PREFIX .. 'safety number/1\0' .. entry(one) .. entry(other))
  local numbers = {}
  for i = 1, 12 do numbers[i] = ('%05d'):format(from_big_endian(digest:sub(5 * i - 4, 5 * i)) % 100000) end
  return concat(numbers, ' ')
end

local function follow_confirm(conversation, side, seen, bytes)
  local session = session_secret(conversation)
  if not session then return note_missing_key(conversation, seen) end
  local key = expand(session, PREFIX .. conversation.protocol .. ' responder confirm')
  local good = hmac(key, transcript_hash(conversation.handshake, 't3')) == bytes:sub(6)
  add_field(seen, 'confirm.status', good and 'good' or 'bad')
  if not good then return find(seen, 'bad-confirm') end
  if side.identity and side.other.identity then
    local number = safety_number(side.identity, side.other.identity)
    add_field(seen, 'safety_number', number)
    seen.summary = seen.name .. ' safety number ' .. number
  end
end

--------------------------------------------------------------------------------------------------------------------
-- Records. Which one it is, of its direction, needs no key; what is in it does.
--------------------------------------------------------------------------------------------------------------------

local follow_message

--- The frames of a batch, back to back from an offset of the plaintext on; false where one does not fit.
local function follow_batch(conversation, side, seen, number, at, size)
  local opened = seen.plaintext
  local allowed = PROTOCOLS[conversation.protocol].inside
  local last = at + size
  while at < last do
    if last - at < 5 then return false end
    local length = from_big_endian(opened.bytes:sub(at + 1, at + 4))
    if length == 0 or length > last - at - 4 then return false end
    local frame = opened.bytes:sub(at + 1, at + 4 + length)
    local inner, good = read_frame(frame, allowed)
    local misplaced = inner.type == T.KEY_UPDATE and (#opened.frames == 0 or at + #frame < last)
    if good and misplaced then good = bad_frame(inner, frame) == nil end
    inner.at, inner.size = at, #frame
    opened.frames[#opened.frames + 1] = inner
    if good then
      if inner.type == T.KEY_UPDATE then side.update = true end
      follow_message(conversation, side, inner, frame, number, true)
    end
    at = at + #frame
  end
  return true
end

local function summarise_record(seen)
  local names = {}
  for i, inner in ipairs(seen.plaintext.frames) do names[i] = inner.summary end
  if #names > 0 then seen.summary = one_line(concat(names, ', ')) end
end

--- RECORD of peer-dh/1: frames XOR the key stream of the direction.
local function follow_stream_record(conversation, side, seen, bytes, number)
  local size, offset = #bytes - 5, side.offset
  if size == 0 then return bad_frame(seen, bytes) end
  add_field(seen, 'record.ciphertext', nil, 5, size)
  add_field(seen, 'record.offset', ('%d'):format(offset))
  find(seen, 'malleable')
  side.offset = offset + size
  local session = session_secret(conversation)
  if not session then return note_missing_key(conversation, seen) end
  side.secret = side.secret or expand(session, label(conversation, side, 'traffic'))
  local plaintext = xor_bytes(bytes:sub(6), key_stream(side.secret, offset, size))
  seen.plaintext = { title = 'Opened record', bytes = plaintext, fields = {}, frames = {} }
  if not follow_batch(conversation, side, seen, number, 0, size) then find(seen, 'bad-frame') end
  summarise_record(seen)
end

local function remember(side, body, iv, number)
  local slot = side.remembered % REMEMBERED_RECORDS
  local old = side.order[slot]
  if old then
    if side.records[old.body] == old then side.records[old.body] = nil end
    if side.ivs[old.iv] == old then side.ivs[old.iv] = nil end
  end
  local record = { body = body, iv = iv, number = number }
  side.order[slot], side.records[body], side.ivs[iv] = record, record, record
  side.remembered = side.remembered + 1
end

--- How many bytes a batch of n and its own length are filled up to.
local function bucket(size)
  if size > 1024 then return size + -size % 1024 end
  local power = 64
  while power < size do power = power * 2 end
  return power
end

--- The plaintext of a record whose tag is right: u32 n | batch | zeros.
local function open_sealed_record(conversation, side, seen, number, keys, iv, ciphertext)
  local plaintext = aes_cbc_decrypt(keys.encryption, iv, ciphertext)
  if not plaintext then return find(seen, 'bad-frame') end
  seen.plaintext = { title = 'Opened record', bytes = plaintext, fields = {}, frames = {} }
  if #plaintext < 4 then return find(seen, 'bad-frame') end
  local n = from_big_endian(plaintext:sub(1, 4))
  add_field(seen.plaintext, 'record.batch_length', ('%d'):format(n), 0, 4)
  if 4 + n > #plaintext then return find(seen, 'bad-frame') end
  local zeros = #plaintext - 4 - n
  if zeros > 0 then add_field(seen.plaintext, 'record.padding', nil, 4 + n, zeros) end
  local whole = follow_batch(conversation, side, seen, number, 4, n)
  if n == 0 or not whole or #plaintext ~= bucket(4 + n) or plaintext:sub(5 + n) ~= ('\0'):rep(zeros) then
    find(seen, 'bad-frame')
  end
  summarise_record(seen)
end

--- The sequence number under which a record has its tag, or nil: the one that is due, else one close to it.
local function sequence_of(side, keys, sealed, header, tag, size)
  local function fits(sequence)
    return keys.tag(big_endian(sequence, 8) .. header .. sealed) == tag
  end
  local due = side.sequence
  if fits(due) then return due end
  for step = 1, 2 * REORDERED do
    local sequence = step <= REORDERED and due + step or due - (step - REORDERED)
    searched = searched + size
    if searched > SEARCH_BYTES then return nil end
    if sequence >= 0 and fits(sequence) then return sequence end
  end
end

--- RECORD of peer-aes/1: IV | ciphertext | tag.
local function follow_sealed_record(conversation, side, seen, bytes, number)
  local size = #bytes - 5
  if size < 64 or size % 16 ~= 0 then return bad_frame(seen, bytes) end
  local body, iv, sealed, tag = bytes:sub(6), bytes:sub(6, 21), bytes:sub(6, -33), bytes:sub(-32)
  add_field(seen, 'record.iv', nil, 5, 16)
  add_field(seen, 'record.ciphertext', nil, 21, size - 48)
  add_field(seen, 'record.tag', nil, size - 27, 32)
  local session = session_secret(conversation)
  local copy, mirrored = side.records[body], side.other.records[body]
  if copy or mirrored then
    if copy then find(seen, 'replayed', 'seen before in packet ' .. copy.number) end
    if not copy then find(seen, 'reflected', 'seen before in packet ' .. mirrored.number) end
    if session then add_field(seen, 'record.tag_status', 'bad') end
    if not session then note_missing_key(conversation, seen) end
    seen.summary = seen.name .. (copy and ' (replayed)' or ' (reflected)')
    return
  end

  local again = side.ivs[iv]
  if again then find(seen, 'iv-reuse', 'used before in packet ' .. again.number) end
  remember(side, body, iv, number)
  local due = side.sequence
  if not session then
    add_field(seen, 'record.sequence', ('%d'):format(due))
    side.sequence = due + 1
    seen.summary = seen.name .. ' ' .. value_of(seen, 'record.sequence')
    return note_missing_key(conversation, seen)
  end

  side.keys = side.keys or traffic_keys(expand(session, label(conversation, side, 'traffic')))
  local direction = role_of(conversation, side) == 'initiator' and '\0' or '\1'
  local header = direction .. big_endian(size + 1, 4) .. char(T.RECORD)
  local sequence = sequence_of(side, side.keys, sealed, header, tag, size)
  add_field(seen, 'record.sequence', ('%d'):format(sequence or due))
  add_field(seen, 'record.epoch', ('%d'):format(side.epoch))
  add_field(seen, 'record.tag_status', sequence and 'good' or 'bad')
  seen.summary = seen.name .. ' ' .. value_of(seen, 'record.sequence')
  side.sequence = math.max(due, sequence or due) + (sequence and sequence < due and 0 or 1)
  if not sequence then
    seen.summary = seen.summary .. ' (wrong tag)'
    return find(seen, 'bad-tag')
  end
  if sequence > due then find(seen, 'reordered', ('%d before it are missing'):format(sequence - due)) end
  if sequence < due then find(seen, 'reordered', 'it came late') end
  open_sealed_record(conversation, side, seen, number, side.keys, iv, sealed:sub(17))
  if side.update then
    side.update, side.epoch, side.keys = nil, side.epoch + 1, traffic_keys(side.keys.next())
  end
end

--- RECORD of a conversation whose beginning was not seen: nobody can say what its bytes are.
local function follow_unknown_record(conversation, _, seen, bytes)
  if #bytes > 5 then add_field(seen, 'body', nil, 5, #bytes - 5) end
  note_missing_key(conversation, seen)
end

local RECORDS = { ['peer-dh/1'] = follow_stream_record, ['peer-aes/1'] = follow_sealed_record }

--------------------------------------------------------------------------------------------------------------------
-- From frame to frame: requests and answers, and what each message says about the conversation.
--------------------------------------------------------------------------------------------------------------------

--- The open requests of a side among which one of a type is known: the ids of all that an ERROR may answer count
--- together.
local function requests_of(side, message)
  local row = message.refusable and message.has_id and 'refusable' or message.name
  side.requests[row] = side.requests[row] or {}
  return side.requests[row]
end

--- The types of request that a message may answer.
local function answered_by(message, id)
  if message.name ~= 'ERROR' then return message.answers or {} end
  local types = {}
  for _, type in ipairs(REFUSABLE) do
    if MESSAGES[type].has_id == (id ~= nil) then types[#types + 1] = type end
  end
  return types
end

local function follow_answer(side, seen, number)
  local message, id = MESSAGES[seen.type], value_of(seen, 'id')
  if message.request then
    local key = message.has_id and id or not message.has_id and 'latest'
    if key then requests_of(side, message)[key] = { type = seen.type, seen = seen, number = number } end
    return
  end
  for _, type in ipairs(answered_by(message, id)) do
    local asked = MESSAGES[type]
    local key = asked.has_id and id or 'latest'
    local open = requests_of(side.other, asked)
    local request = open[key]
    if request and request.type == type then
      add_field(seen, 'response_to', ('%d'):format(request.number))
      request.seen.answered_in = request.seen.answered_in or number
      -- What a server refuses later, without an id, is the whole connection, and no longer the request.
      if asked.refusable and not asked.has_id then open[key] = nil end
      return
    end
  end
end

local FOLLOW = {
  [T.HELLO] = follow_exchange,
  [T.OFFER] = follow_exchange,
  [T.RETRY] = follow_exchange,
  [T.ANSWER] = follow_exchange,
  [T.IDENTITY] = follow_identity,
  [T.CONFIRM] = follow_confirm,
  [T.RECORD] = function(conversation, ...)
    return (RECORDS[conversation.protocol] or follow_unknown_record)(conversation, ...)
  end,
}

--- A message that follows the protocol, outside a record or inside one.
function follow_message(conversation, side, seen, bytes, number, inside)
  local type = seen.type
  follow_answer(side, seen, number)
  if type == T.OFFER or type == T.ANSWER then check_public_value(seen) end
  for _, drawn in ipairs(MESSAGES[type].draws or {}) do
    local code, without = drawn[1], drawn[2]
    local hidden = code == 'plaintext' and inside
    if not hidden and not (without and value_of(seen, without)) then
      find(seen, code, code == 'refused' and value_of(seen, 'code') or nil)
    end
  end
  seen.summary = summary_of(seen, MESSAGES[type].summary)
  if not inside and FOLLOW[type] then FOLLOW[type](conversation, side, seen, bytes, number) end
end

--- The next frame of a conversation: what there is to say of it.
local function follow_frame(conversation, from, bytes, number)
  local side = conversation.sides[from]
  local protocol = PROTOCOLS[conversation.protocol]
  local seen, good = read_frame(bytes, protocol and protocol.outside)
  if good then follow_message(conversation, side, seen, bytes, number, false) end
  if conversation.protocol then
    -- Behind length and type, where there is one.
    table.insert(seen.fields, #bytes < 5 and 2 or 3, { name = 'protocol', value = conversation.protocol })
  end
  return seen
end

--------------------------------------------------------------------------------------------------------------------
-- The textbook's format, from which this project grew: no frames, so each segment is taken for a message.
--------------------------------------------------------------------------------------------------------------------

local LEGACY_PROMPT = 'Enter your username:'

-- A shared secret below this can be found by trying all.
local LEGACY_SMALL = '18446744073709551616' -- 2^64

local function decimal_number(bytes)
  return bytes:match('^(%d+)[\r\n]*$')
end

local function is_small(number)
  number = number:gsub('^0+', '')
  return #number < #LEGACY_SMALL or #number == #LEGACY_SMALL and number < LEGACY_SMALL
end

local function is_printable(bytes)
  return is_utf8(bytes) and not bytes:find('[\0-\8\11\12\14-\31\127]') and not bytes:find('\194[\128-\159]')
end

--- One segment between a client and the directory: its lines.
local function follow_legacy_directory(bytes)
  local seen = { name = 'legacy line', fields = {}, findings = {} }
  local at = 1
  while at <= #bytes do
    local stop = bytes:find('\n', at, true) or #bytes + 1
    local line = bytes:sub(at, stop - 1):gsub('\r$', '')
    if line ~= '' then add_field(seen, 'legacy.line', line, at - 1, #line) end
    at = stop + 1
  end
  seen.summary = summary_of(seen, '{legacy.line}')
  return seen
end

--- One segment between two peers: a public value first, then texts or records.
local function follow_legacy_peer(side, bytes, number)
  local seen = { fields = {}, findings = {} }
  local public = not side.spoke and decimal_number(bytes)
  local text = bytes:gsub('[\r\n]+$', '')
  side.spoke = true
  if public then
    seen.name = 'legacy public value'
    add_field(seen, 'legacy.public', public, 0, #public)
    find(seen, 'legacy')
    if is_small(public) then find(seen, 'small-group', 'below 2^64') end
  elseif text == 'EOM' then
    seen.name = 'legacy end'
    add_field(seen, 'legacy.text', text, 0, #text)
  elseif #bytes >= 32 and #bytes % 16 == 0 and not is_printable(bytes) then
    seen.name = 'legacy record'
    add_field(seen, 'legacy.iv', nil, 0, 16)
    add_field(seen, 'legacy.ciphertext', nil, 16, #bytes - 16)
    find(seen, 'malleable')
    local iv = bytes:sub(1, 16)
    if side.ivs[iv] then find(seen, 'iv-reuse', 'used before in packet ' .. side.ivs[iv].number) end
    remember(side, bytes, iv, number)
  else
    seen.name = 'legacy text'
    add_field(seen, 'legacy.text', text, 0, #text)
    find(seen, 'plaintext')
  end
  seen.summary = summary_of(seen, '{legacy.public}{legacy.text}')
  return seen
end

-- Outside Wireshark there is nothing to register; a script that loads the file gets what can be tried without packets.
if not Proto then
  return {
    aes_cbc_decrypt = aes_cbc_decrypt,
    base64url = base64url,
    expand = expand,
    hmac = hmac,
    is_bad_public_value = is_bad_public_value,
    is_utf8 = is_utf8,
    key_stream = key_stream,
    parse_json = parse_json,
    prime_of = prime_of,
    safety_number = safety_number,
    sha256 = sha256,
    sha512 = sha512,
  }
end

--------------------------------------------------------------------------------------------------------------------
-- Wireshark's half. First what it must know: the protocol, its fields, its expert items, its preferences.
--------------------------------------------------------------------------------------------------------------------

local p2pc = Proto('p2pc', 'P2P Secure Chat')

-- Where a connection to one of our ports goes first.
local p2pc_start = Proto('p2pc_start', 'P2P Secure Chat, the beginning of a connection')

local TYPE_NAMES = {}
for type, message in pairs(MESSAGES) do TYPE_NAMES[type] = message.name end

local MAKE = {
  number = function(name, title) return ProtoField.uint64(name, title) end,
  type = function(name, title) return ProtoField.uint8(name, title, base.HEX, TYPE_NAMES) end,
  text = function(name, title) return ProtoField.string(name, title, base.UNICODE) end,
  bytes = function(name, title) return ProtoField.bytes(name, title) end,
  request = function(name, title) return ProtoField.framenum(name, title, base.NONE, frametype.REQUEST) end,
  response = function(name, title) return ProtoField.framenum(name, title, base.NONE, frametype.RESPONSE) end,
}

local proto_fields = {}
for _, field in ipairs(FIELDS) do
  local name, kind, title = field[1], field[2], field[3]
  proto_fields[name] = MAKE[kind]('p2pc.' .. name, title)
end
p2pc.fields = proto_fields

local SEVERITY = { note = expert.severity.NOTE, warning = expert.severity.WARN, error = expert.severity.ERROR }

local experts, expert_texts = {}, {}
for _, finding in ipairs(FINDINGS) do
  local code, severity, text = finding[1], finding[2], finding[3]
  local name = 'p2pc.finding.' .. code:gsub('-', '_')
  experts[code] = ProtoExpert.new(name, text, expert.group.SECURITY, SEVERITY[severity])
  expert_texts[code] = text
end
p2pc.experts = experts

p2pc.prefs.keylog =
  Pref.string('Key log file', '', 'What --keylog of a client wrote; if empty, the file named by P2PC_KEYLOGFILE')
p2pc.prefs.comments =
  Pref.bool('Keys in packet comments', true, 'Use lines of a key log that stand in comments of the capture')

function key_log.path()
  local path = p2pc.prefs.keylog ~= '' and p2pc.prefs.keylog or os.getenv('P2PC_KEYLOGFILE')
  return path ~= '' and path or nil
end

function key_log.complain(why)
  report_failure('p2p-secure-chat: the key log cannot be read: ' .. tostring(why))
end

--------------------------------------------------------------------------------------------------------------------
-- What is kept of a capture. Everything is worked out when a packet is dissected for the first time, in the order of
-- the capture; later Wireshark asks for packets in any order, and gets the answers that are kept.
--------------------------------------------------------------------------------------------------------------------

local hosts, host_blocks, hosts_by_text, conversations, decisions, results, ends, listening

-- Conversations on these ports are tried without their beginning.
local PORTS = { 10000, 10001 }

--- Begins another capture, or the same one once more.
function p2pc.init()
  local tcp_ports = DissectorTable.get('tcp.port')
  for port, original in pairs(listening or {}) do
    tcp_ports:remove(port, p2pc_start)
    if original then tcp_ports:add(port, original) end
  end
  -- Port 10000 is NDMP's otherwise, and some versions of Wireshark give it back when they have read the preferences.
  for _, port in ipairs(PORTS) do tcp_ports:add(port, p2pc_start) end
  hosts, host_blocks, hosts_by_text = {}, {}, {}
  conversations, decisions, results, ends, listening = {}, {}, {}, {}, {}
  key_log.secrets, key_log.read, searched = {}, {}, 0
  key_log.read_file()
end

local function is_our_port(port)
  return port == PORTS[1] or port == PORTS[2]
end

-- Most addresses in a block.
local HOST_BLOCK = 512

--- The last place of a list in order whose address is not above this one; 0 if there is none.
local function place_of(list, address)
  local low, high = 1, #list
  while low <= high do
    local middle = floor((low + high) / 2)
    if address < list[middle].address then
      high = middle - 1
    else
      low = middle + 1
    end
  end
  return high
end

--- The number of an address by itself. All stand in order, in blocks that are in order as well: a capture may have
--- hundreds of thousands of them, and Lua can compare addresses but not see what is in them.
local function number_of(address)
  local at = math.max(1, place_of(host_blocks, address))
  local block = host_blocks[at] or { address = address }
  host_blocks[at] = block
  local place = place_of(block, address)
  if place > 0 and block[place].address == address then return block[place].number end
  local number = #hosts + 1
  hosts[number] = address
  table.insert(block, place + 1, { address = address, number = number })
  block.address = block[1].address
  if #block > HOST_BLOCK then
    local upper = {}
    for i = HOST_BLOCK / 2 + 1, HOST_BLOCK + 1 do
      upper[#upper + 1] = block[i]
      block[i] = nil
    end
    upper.address = upper[1].address
    table.insert(host_blocks, at + 1, upper)
  end
  return number
end

--- A number for an address. Its text may be a name that turns up only in the course of the capture.
local function host_number(address)
  local text = tostring(address)
  local number = hosts_by_text[text]
  if number and hosts[number] == address then return number end
  number = number_of(address)
  hosts_by_text[text] = number
  return number
end

--- Who sends a packet, to whom, and under which name the two are kept.
local function endpoints(pinfo)
  local from = host_number(pinfo.src) .. ':' .. pinfo.src_port
  local to = host_number(pinfo.dst) .. ':' .. pinfo.dst_port
  return from, to, from < to and from .. ' ' .. to or to .. ' ' .. from
end

--- A conversation is known by its two endpoints. (Wireshark has a number for it, tcp.stream, but shows it to nobody in
--- a pass in which it builds no tree, such as the first one of `tshark -2`.)
local function conversation_of(pinfo)
  local from, to, pair = endpoints(pinfo)
  if not conversations[pair] then conversations[pair] = new_conversation(from, to) end
  return conversations[pair], from
end

--- The same two endpoints have another connection: what is known of the old one says nothing about it.
local function begin_again(pinfo)
  local _, _, pair = endpoints(pinfo)
  conversations[pair] = nil
  return conversation_of(pinfo)
end

--- Keys have turned up after frames were seen that needed them: goes through the conversation once more.
local function replay(conversation)
  local history = conversation.history
  local one, other = next(conversation.sides), nil
  for name in pairs(conversation.sides) do
    if name ~= one then other = name end
  end
  local again = new_conversation(one, other)
  again.kind, again.history = conversation.kind, history
  for name, side in pairs(again.sides) do side.reading = conversation.sides[name].reading end
  for key in pairs(conversation) do conversation[key] = nil end
  for key, value in pairs(again) do conversation[key] = value end
  for _, result in ipairs(history) do
    result.seen = follow_frame(conversation, result.from, result.bytes, result.number)
  end
end

local function try_new_keys(conversation)
  if conversation.sealed and conversation.history and has_new_secret(conversation) then replay(conversation) end
end

--- The next frame of a conversation, in the first pass.
local function new_result(pinfo, bytes)
  local conversation, from = conversation_of(pinfo)
  try_new_keys(conversation)
  local result = { conversation = conversation, from = from, number = pinfo.number }
  result.seen = follow_frame(conversation, from, bytes, pinfo.number)
  -- Only what may be opened later must be kept.
  local protocol = PROTOCOLS[conversation.protocol]
  local opened = conversation.handshake.session and not conversation.sealed
  if protocol and not protocol.inside or opened then conversation.history = nil end
  if conversation.history then
    result.bytes = bytes
    table.insert(conversation.history, result)
  end
  return result
end

--------------------------------------------------------------------------------------------------------------------
-- Is a segment ours? A conversation begins with a HELLO, on any port; the ports of this project are tried without it,
-- for captures that begin later; the textbook's format has its own words.
--------------------------------------------------------------------------------------------------------------------

-- u32 length, at most 257 | u8 type | magic
local HELLO_PATTERN = { '\0', '\0', '[\0\1]', '.', '\1', 'P', '2', 'P', 'C' }

--- How much of the beginning of a HELLO this is: all of it, a part (that is all there is), or none.
local function hello_at(head)
  local size = math.min(#head, #HELLO_PATTERN)
  if not head:find('^' .. concat(HELLO_PATTERN, '', 1, size)) then return 'none' end
  return size == #HELLO_PATTERN and 'all' or 'part'
end

--- Whether what is there of a header at an index may be one.
local function is_plausible(head, at)
  local length, type = head:sub(at, at + 3), byte(head, at + 4)
  length = from_big_endian(length .. ('\0'):rep(4 - #length))
  if #head - at < 3 then return length <= LARGEST_LENGTH end
  if length == 0 or length > LARGEST_LENGTH then return false end
  return type == nil or MESSAGES[type] ~= nil and length - 1 <= MESSAGES[type].limit
end

--- Whether all headers in a segment are plausible.
local function are_plausible(bytes)
  local at = 1
  while at <= #bytes do
    if not is_plausible(bytes, at) then return false end
    if #bytes - at < 3 then return true end
    at = at + 4 + from_big_endian(bytes:sub(at, at + 3))
  end
  return true
end

--- Two numbers that crossed: the first one was seen before anybody could know what it is.
local function recognise_numbers(conversation, from, bytes, entry, number)
  local side = conversation.sides[from]
  side.reading.first = side.reading.first or { entry = entry, bytes = bytes, number = number }
  local other = side.other.reading.first
  if side.reading.first.entry ~= entry or not decimal_number(bytes) or not other or not decimal_number(other.bytes) then
    return false
  end
  results[other.entry] = { seen = follow_legacy_peer(side.other, other.bytes, other.number) }
  decisions[other.entry] = 'legacy'
  return true
end

--- What a segment is: `frames`, `legacy`, `more` (too little to say), `over` (nothing more is read of this direction),
--- or nil for what is not ours. `known` is whether Wireshark knows already that this TCP connection is ours.
local function decide(tvb, pinfo, entry, known)
  local conversation, from = conversation_of(pinfo)
  if conversation.kind and not known then conversation = begin_again(pinfo) end
  local side = conversation.sides[from]
  local bytes = tvb:raw(0, tvb:len())
  local hello = hello_at(bytes)
  if side.reading.over then return 'over' end
  if conversation.kind then return conversation.kind == 'frames' and 'frames' or 'legacy' end
  if hello == 'all' then
    conversation.kind = 'frames'
    return 'frames'
  end
  if hello == 'part' and not side.reading.heard then return 'more' end
  side.reading.heard = true

  if is_our_port(pinfo.src_port) or is_our_port(pinfo.dst_port) then
    if side.reading.follows or are_plausible(bytes) then
      side.reading.follows = true
      return 'frames'
    end
  end
  if bytes:sub(1, #LEGACY_PROMPT) == LEGACY_PROMPT then
    conversation.kind = 'directory'
  elseif listening[pinfo.src_port] ~= nil or listening[pinfo.dst_port] ~= nil then
    conversation.kind = 'peer'
  elseif recognise_numbers(conversation, from, bytes, entry, pinfo.number) then
    conversation.kind = 'peer'
  end
  return conversation.kind and 'legacy' or nil
end

--- Peers of the textbook's format listen where they said they would, be it a port that belongs to another protocol.
local function listen_on(seen)
  for _, field in ipairs(seen.fields) do
    local port = tonumber(field.value:match('^LISTEN_PORT:%s*(%d+)$'))
    if port and port > 0 and port < 65536 and listening[port] == nil and not is_our_port(port) then
      local tcp_ports = DissectorTable.get('tcp.port')
      listening[port] = tcp_ports:get_dissector(port) or false
      tcp_ports:add(port, p2pc_start)
    end
  end
end

--------------------------------------------------------------------------------------------------------------------
-- What Wireshark shows.
--------------------------------------------------------------------------------------------------------------------

local function show_field(tree, tvb, base_at, field)
  local proto_field, kind, value = proto_fields[field.name], KIND[field.name], field.value
  if kind == 'number' then value = UInt64.new(value) end
  if kind == 'type' or kind == 'request' or kind == 'response' then value = tonumber(value) end
  -- A text of Wireshark ends at its first zero byte; nothing may hide behind one.
  if kind == 'text' then value = value:gsub('\0', '\226\144\128') end
  if not field.at then
    tree:add(proto_field, tvb(base_at, 0), value):set_generated()
  elseif kind == 'bytes' then
    tree:add(proto_field, tvb(base_at + field.at, field.size))
  else
    tree:add(proto_field, tvb(base_at + field.at, field.size), value)
  end
end

local function show_findings(tree, findings)
  for _, finding in ipairs(findings) do
    local text = expert_texts[finding.code]
    if finding.detail then text = text .. ': ' .. one_line(finding.detail) end
    tree:add_proto_expert_info(experts[finding.code], text)
  end
end

local function show_frame(tree, tvb, base_at, seen)
  for _, field in ipairs(seen.fields) do show_field(tree, tvb, base_at, field) end
  if seen.answered_in then
    show_field(tree, tvb, base_at, { name = 'response_in', value = seen.answered_in })
  end
  show_findings(tree, seen.findings)
end

local function show(seen, tvb, pinfo, root)
  local tree = root:add(p2pc, tvb(), 'P2P Secure Chat, ' .. seen.summary)
  show_frame(tree, tvb, 0, seen)
  local opened = seen.plaintext
  if opened and #opened.bytes > 0 then
    local plain = ByteArray.new(opened.bytes, true):tvb(opened.title)
    local subtree = tree:add(p2pc, plain(), opened.title)
    for _, field in ipairs(opened.fields) do show_field(subtree, plain, 0, field) end
    for _, inner in ipairs(opened.frames) do
      local inner_tree = subtree:add(p2pc, plain(inner.at, inner.size), inner.summary)
      show_frame(inner_tree, plain, inner.at, inner)
    end
  end
  pinfo.cols.protocol = 'P2PC'
  if pinfo.private.p2pc then
    pinfo.cols.info:append(', ' .. seen.summary)
  else
    pinfo.cols.info = seen.summary
  end
  pinfo.private.p2pc = 'shown'
end

--- A frame that the recorder did not keep as a whole.
local function cut_short(tvb)
  local seen = { name = 'frame', summary = 'a frame that was cut short by the recorder', fields = {}, findings = {} }
  if tvb:len() >= 4 then add_field(seen, 'length', decimal(tvb:raw(0, 4)), 0, 4) end
  return { seen = seen }
end

--------------------------------------------------------------------------------------------------------------------
-- From segments to frames. Wireshark puts segments together until a frame is whole (dissect_tcp_pdus).
--------------------------------------------------------------------------------------------------------------------

-- The segment, or segments put together, that is being dissected.
local entry

--- The length of the frame at an offset, as far as it can be trusted.
local function frame_length(tvb, pinfo, offset)
  local at = tvb:offset() + offset
  local rest = tvb:reported_length_remaining(offset)
  if ends[entry] and at >= ends[entry] then return rest end
  if not pinfo.visited then
    local conversation, from = conversation_of(pinfo)
    local head = tvb:raw(offset, math.min(5, tvb:len() - offset))
    if conversation.kind ~= 'frames' and not is_plausible(head, 1) then
      conversation.sides[from].reading.follows = false
      ends[entry] = at
      return rest
    end
  end
  local length = tvb(offset, 4):uint()
  if length == 0 then return 4 end
  return length > LARGEST_LENGTH and 5 or 4 + length
end

local function dissect_frame(tvb, pinfo, root)
  local at = tvb:offset()
  if ends[entry] and at >= ends[entry] then return tvb:len() end
  local key = entry .. '@' .. at
  local result = results[key]
  if not result then
    if pinfo.visited then return tvb:len() end
    result = tvb:len() < tvb:reported_len() and cut_short(tvb) or new_result(pinfo, tvb:raw(0, tvb:len()))
    results[key] = result
    local length = tvb:len() >= 4 and tvb(0, 4):uint() or 1
    if length == 0 or length > LARGEST_LENGTH then
      local conversation, from = conversation_of(pinfo)
      conversation.sides[from].reading.over = true
      ends[entry] = at + tvb:len()
    end
  end
  if result.conversation then try_new_keys(result.conversation) end
  show(result.seen, tvb, pinfo, root)
  return tvb:len()
end

local function dissect_legacy(tvb, pinfo, root)
  local result = results[entry]
  if not result then
    if pinfo.visited then return end
    local conversation, from = conversation_of(pinfo)
    local bytes = tvb:raw(0, tvb:len())
    local seen
    if conversation.kind == 'directory' then
      seen = follow_legacy_directory(bytes)
      listen_on(seen)
    else
      seen = follow_legacy_peer(conversation.sides[from], bytes, pinfo.number)
    end
    result = { seen = seen }
    results[entry] = result
  end
  show(result.seen, tvb, pinfo, root)
end

local frame_comment = Field.new('frame.comment')

local function read_comments()
  if not p2pc.prefs.comments then return end
  for _, comment in ipairs { frame_comment() } do key_log.add(tostring(comment.value)) end
end

--- How many bytes of a segment are ours; 0 lets other dissectors try.
local function dissect(tvb, pinfo, root, known)
  if tvb:len() == 0 then return 0 end
  read_comments()
  entry = pinfo.number .. '/' .. tvb:offset() .. '/' .. tvb:len()
  local decision = decisions[entry]
  if not decision and not pinfo.visited then
    decision = decide(tvb, pinfo, entry, known)
    decisions[entry] = decision
  end
  if not decision then
    local original = listening[pinfo.dst_port] or listening[pinfo.src_port]
    return original and original:call(tvb, pinfo, root) or 0
  end
  if decision == 'more' then
    pinfo.desegment_offset = 0
    pinfo.desegment_len = DESEGMENT_ONE_MORE_SEGMENT
  elseif decision == 'legacy' then
    pinfo.conversation = p2pc
    dissect_legacy(tvb, pinfo, root)
  elseif decision == 'frames' then
    if not pinfo.visited and conversation_of(pinfo).kind == 'frames' then pinfo.conversation = p2pc end
    dissect_tcp_pdus(tvb, root, 4, frame_length, dissect_frame)
  end
  return tvb:len()
end

--------------------------------------------------------------------------------------------------------------------
-- Registration. A connection that was recognised goes to `p2pc` from then on. What comes to the other two entries is
-- the beginning of another connection, even where its ports were used before. The heuristic calls dissect itself: through a
-- protocol, Wireshark would no longer put segments together.
--------------------------------------------------------------------------------------------------------------------

function p2pc.dissector(tvb, pinfo, root)
  return dissect(tvb, pinfo, root, true)
end

function p2pc_start.dissector(tvb, pinfo, root)
  return dissect(tvb, pinfo, root, false)
end

p2pc:register_heuristic('tcp', function(tvb, pinfo, root)
  return dissect(tvb, pinfo, root, false) > 0
end)

for _, port in ipairs(PORTS) do DissectorTable.get('tcp.port'):add(port, p2pc_start) end
DissectorTable.get('tcp.port'):add_for_decode_as(p2pc)

-- Keys may stand in the comment of any packet, even one that is not ours.
local comments = Listener.new('frame', 'frame.comment')

function comments.packet()
  read_comments()
end
