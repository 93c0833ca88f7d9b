-- KEYS jobs. ARGV the field, then the attempt of each job. A job that no longer exists is not created.
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, ARGV[1], ARGV[i + 1]) end
end
