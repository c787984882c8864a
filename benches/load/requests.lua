-- What wrk sends: `-- MODE FILE THINK [USERS]`. FILE has a line per user: token, tab, entity tag. MODE is get, match
-- (If-None-Match), include, put (uniform), hot (all on the first user). THINK is how many milliseconds a connection
-- rests between an answer and its next request, on average. Prints one line of JSON.

local threads = 0

function setup(thread)
   threads = threads + 1
   thread:set("number", threads)
end

local made = {}
local count, mode = 0, "get"
local written = 0

local function head(method, path, token, more)
   return method .. " " .. path .. " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " .. token .. "\r\n" .. more
end

local function body(employer)
   return '{"data":{"type":"users","attributes":{"employer":"' .. employer .. '","overwrite":true}}}'
end

local function prepare(token, tag)
   if mode == "match" then
      return head("GET", "/api/v2/user", token, "If-None-Match: " .. tag .. "\r\n\r\n")
   elseif mode == "include" then
      return head("GET", "/api/v2/user?include=*", token, "\r\n")
   elseif mode == "put" or mode == "hot" then
      local more = "Content-Type: application/vnd.api+json\r\nContent-Length: "
      return head("PUT", "/api/v2/user", token, more .. #body(("x"):rep(12)) .. "\r\n\r\n")
   end
   return head("GET", "/api/v2/user", token, "\r\n")
end

function init(args)
   mode = args[1]
   math.randomseed(os.time() * 100 + number)
   for line in io.lines(args[2]) do
      local token, tag = line:match("^([^\t]*)\t(.*)$")
      made[#made + 1] = prepare(token, tag)
   end
   count = mode == "hot" and 1 or #made
   local think = tonumber(args[3])
   if think > 0 then
      delay = function() return math.floor(math.random() * 2 * think + 0.5) end
   end
end

function request()
   local prepared = made[math.random(count)]
   if mode == "put" or mode == "hot" then
      written = written + 1
      -- Never the value that is stored, so that each is a write.
      return prepared .. body(string.format("%02d%010d", number, written + os.time() % 10000 * 100000))
   end
   return prepared
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format('{"rate":%f,"failed":%d,"p50":%f,"p99":%f}\n',
      summary.requests / summary.duration * 1e6, failed,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
