-- KEYS a queue's delayed jobs. ARGV now, Unix milliseconds. BullMQ keeps the due time in the upper bits of the score. Returns how many became due.
local due = tonumber(ARGV[1]) * 4096
local later = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', due), '+inf')
for i = 1, #later, 1000 do
  local changes = {}
  for j = i, math.min(i + 999, #later) do
    changes[#changes + 1] = string.format('%.0f', due)
    changes[#changes + 1] = later[j]
  end
  redis.call('ZADD', KEYS[1], 'XX', unpack(changes))
end
return #later
