-- What wrk sends: `-- MODE FILE THINK [USERS]`. FILE has a line per user: token, tab, entity tag. MODE is get, match
-- (If-None-Match), include, put (uniform), hot (all on the first user), mix (of all but the last). THINK is how many
-- milliseconds a connection rests between an answer and its next request, on average. Prints one line of JSON.

local threads = 0

function setup(thread)
   threads = threads + 1
   thread:set("number", threads)
end

-- Prepared requests by their kind.
local made = {}
local count, mode = 0, "get"
local written = 0

-- What `mix` is made of: of 20 requests so many are of a kind.
local shares = {get = 12, match = 2, include = 2, put = 4}
local mix = {}

local function head(method, path, token, more)
   return method .. " " .. path .. " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " .. token .. "\r\n" .. more
end

local function body(employer)
   return '{"data":{"type":"users","attributes":{"employer":"' .. employer .. '","overwrite":true}}}'
end

local function prepare(kind, token, tag)
   if kind == "match" then
      return head("GET", "/api/v2/user", token, "If-None-Match: " .. tag .. "\r\n\r\n")
   elseif kind == "include" then
      return head("GET", "/api/v2/user?include=*", token, "\r\n")
   elseif kind == "put" or kind == "hot" then
      local more = "Content-Type: application/vnd.api+json\r\nContent-Length: "
      return head("PUT", "/api/v2/user", token, more .. #body(("x"):rep(12)) .. "\r\n\r\n")
   end
   return head("GET", "/api/v2/user", token, "\r\n")
end

function init(args)
   mode = args[1]
   math.randomseed(os.time() * 100 + number)
   for kind, share in pairs(mode == "mix" and shares or {[mode] = 1}) do
      made[kind] = {}
      for _ = 1, share do mix[#mix + 1] = kind end
   end
   for line in io.lines(args[2]) do
      local token, tag = line:match("^([^\t]*)\t(.*)$")
      for kind, prepared in pairs(made) do prepared[#prepared + 1] = prepare(kind, token, tag) end
      count = count + 1
   end
   if mode == "hot" then count = 1 end
   local think = tonumber(args[3])
   if think > 0 then
      delay = function() return math.floor(math.random() * 2 * think + 0.5) end
   end
end

function request()
   local kind = mix[math.random(#mix)]
   local prepared = made[kind][math.random(count)]
   if kind == "put" or kind == "hot" then
      written = written + 1
      -- Never the value that is stored, so that each is a write.
      return prepared .. body(string.format("%02d%010d", number, written + os.time() % 10000 * 100000))
   end
   return prepared
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format('{"rate":%f,"failed":%d,"p50":%f,"p99":%f,"max":%f}\n',
      summary.requests / summary.duration * 1e6, failed,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
