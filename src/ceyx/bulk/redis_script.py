"""The limits of one scope in Redis: what workers tell and are told, and the one script in which that happens at once.

The rules are those of `limiter.py`, by the clock of the server. A worker asks for a lease, some of each rate that it may use by
itself, and books it as used: it may have to wait for it, so that who asks for much is not overtaken by who asks for little. What
is on its way is not counted one by one: each worker is told how many of its calls may be.
"""

from __future__ import annotations

import msgspec

from ceyx.bulk.limiter import CUT, FIRST_ALLOWED, SOONER

LEASE = 0.2  # seconds' worth of the rates, for all workers together
ABSENT = 3.0  # seconds without a word after which a worker is taken for gone
KEPT = 900  # seconds for which the limits of a scope are remembered after they were last of use
CONSTANTS = (LEASE, ABSENT, KEPT, FIRST_ALLOWED, CUT, SOONER)
"""As the script is given them, after what a worker says."""


class Refused(msgspec.Struct):
    """A call that was refused, as there were too many."""

    since: float
    """Seconds ago, it was admitted."""
    asked: float | None
    """Seconds from now, that the server asks to wait."""
    jitter: float


class Told(msgspec.Struct):
    """What a worker says of itself, and of what it was answered since it last did."""

    worker: str
    most: int
    """Of its calls on their way, at once."""
    on_their_way: int
    wants: int
    """Of its calls that would be on their way now, if they might."""
    burst: float
    caps: dict[str, float]
    """Of a minute, by kind."""
    need: float | None = None
    """Tokens of the call that waits; None if none does."""
    back: dict[str, float] = {}
    """What was leased and not used, or used beyond what was leased (then it is negative)."""
    limits: dict[str, float] = {}
    """Of a minute, as headers say."""
    left: dict[str, float] = {}
    ends: dict[str, float] = {}
    """Seconds until what is used up is there again."""
    answered: int = 0
    refused: Refused | None = None
    leaves: bool = False


class Lease(msgspec.Struct):
    """What a worker is told."""

    wait: float
    """Seconds until what is leased may be used."""
    leased: dict[str, float]
    """By kind; a kind that is not here is not limited."""
    calls: float
    """Of its own, that may be on their way."""
    paused: float
    """Seconds for which nothing goes out."""
    workers: int
    allowed: float
    rates: dict[str, float]
    """Of a second, by kind: those of the whole scope."""


def key_of(scope: str) -> str:
    """Where the limits of a scope are kept: one hash, and so in one slot of a cluster."""
    return "ceyx:limits:{" + scope.replace("{", "(").replace("}", ")") + "}"


SCRIPT = """
local told = cjson.decode(ARGV[1])
local lease, absent, kept = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local first_allowed, cut, sooner = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) - 1.7e9 + tonumber(clock[2]) / 1e6  -- cjson writes 14 digits: this leaves microseconds
local KINDS = {'requests', 'tokens'}

local scope = {rates = {}, limits = {}, allowed = first_allowed, doubling_until = 1e9, cut_at = 0, pauses = 0, paused_until = 0}
local workers, gone = {}, {}
local fields = redis.call('HGETALL', KEYS[1])
for at = 1, #fields, 2 do
  if fields[at] == 'scope' then
    scope = cjson.decode(fields[at + 1])
  else
    local worker = cjson.decode(fields[at + 1])
    if worker.until_ < now then
      gone[#gone + 1] = fields[at]
    elseif fields[at] ~= 'worker:' .. told.worker then
      workers[#workers + 1] = worker
    end
  end
end
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end

local me = {until_ = now + absent, most = told.most, wants = told.wants}
if told.leaves then
  redis.call('HDEL', KEYS[1], 'worker:' .. told.worker)
else
  workers[#workers + 1] = me
  redis.call('HSET', KEYS[1], 'worker:' .. told.worker, cjson.encode(me))
end

-- What is known of the rates: caps of one's own, and what headers say.
for _, kind in ipairs(KINDS) do
  if told.limits[kind] then scope.limits[kind], scope.told = told.limits[kind], true end
  local limit = scope.limits[kind]
  local cap = told.caps[kind] or limit
  local rate = scope.rates[kind]
  if cap then
    local per_second = math.min(cap, limit or cap) / 60
    if not rate then
      rate = {per_second = per_second, until_ = 0}
      scope.rates[kind] = rate
    elseif rate.per_second ~= per_second then
      rate.until_ = now + math.max(rate.until_ - now, 0) * rate.per_second / per_second
      rate.per_second = per_second
    end
  end
  if rate then
    local back = told.back[kind] or 0
    if back < 0 then rate.until_ = math.max(rate.until_, now) end
    rate.until_ = rate.until_ - back / rate.per_second
    local left = (told.burst - math.max(rate.until_ - now, 0)) * rate.per_second
    if told.left[kind] and told.left[kind] < left then
      rate.until_ = now + told.burst - told.left[kind] / rate.per_second
    end
    if told.ends[kind] then rate.until_ = math.max(rate.until_, now + told.ends[kind] + told.burst) end
  end
end

-- What was answered and refused.
local most = 0
for _, worker in ipairs(workers) do most = most + worker.most end
if told.answered > 0 then
  scope.pauses = 0
  for _ = 1, told.answered do
    if scope.told or scope.allowed < scope.doubling_until then
      scope.allowed = scope.allowed + 1
    else
      scope.allowed = scope.allowed + 1 / scope.allowed
    end
  end
end
local refused = told.refused
if type(refused) == 'table' then
  if now - refused.since > scope.cut_at then
    scope.pauses = scope.pauses + 1
    scope.cut_at = now
    scope.allowed = math.max(scope.allowed * cut, 1)
    scope.doubling_until = scope.allowed
  end
  local wait = refused.asked
  if type(wait) ~= 'number' then
    local doublings = math.max(scope.pauses - 1, 0) - (scope.told and 0 or sooner)
    wait = math.min(0.5 * 2 ^ math.min(doublings, 10), 8) * (1 - 0.25 * refused.jitter)
  else
    wait = wait * (1 + 0.1 * refused.jitter)
  end
  scope.paused_until = math.max(scope.paused_until, now + wait)
  for _, rate in pairs(scope.rates) do rate.until_ = math.max(rate.until_, scope.paused_until + told.burst) end
end
if most > 0 then scope.allowed = math.max(math.min(scope.allowed, most), 1) end

-- How many may be on their way: who wants less than an equal share leaves the rest to the others.
local wants = {}
for _, worker in ipairs(workers) do wants[#wants + 1] = worker.wants end
table.sort(wants)
local rest, share = scope.allowed, scope.allowed
for place, each in ipairs(wants) do
  share = rest / (#wants - place + 1)
  if each >= share then break end
  rest = rest - each
end
local busy = 0
for _, each in ipairs(wants) do if each > 0 then busy = busy + 1 end end
share = math.max(math.floor(share + 1e-6), 1)

-- A lease, booked from when it may be used.
local leased, wait = {}, math.max(scope.paused_until - now, 0)
if type(told.need) == 'number' and told.on_their_way < share then
  for kind, rate in pairs(scope.rates) do
    local least = kind == 'requests' and 1 or told.need
    leased[kind] = math.max(least, math.floor(rate.per_second * lease / math.max(busy, 1)))
    local used = math.max(rate.until_ - now, 0) - math.max(told.burst - leased[kind] / rate.per_second, 0)
    wait = math.max(wait, used)
  end
  for kind, cost in pairs(leased) do
    local rate = scope.rates[kind]
    rate.until_ = math.max(rate.until_, now + wait) + cost / rate.per_second
  end
end

local last, per_second = math.max(now, scope.paused_until), {}
for kind, rate in pairs(scope.rates) do
  last = math.max(last, rate.until_)
  per_second[kind] = rate.per_second
end
redis.call('HSET', KEYS[1], 'scope', cjson.encode(scope))
redis.call('EXPIRE', KEYS[1], math.ceil(last - now) + kept)
return cjson.encode({wait = wait, leased = leased, calls = share, paused = math.max(scope.paused_until - now, 0),
  workers = #workers, allowed = scope.allowed, rates = per_second})
"""
