-- A courier on foot with a trolley or a bag: everywhere one may walk, both ways along one-way streets.

api_version = 4

local Set = require('lib/set')
local Sequence = require('lib/sequence')
require('lib/way_handlers')
local find_access_tag = require('lib/access').find_access_tag

local WALK = 4.8 -- km/h
local STAIRS = 2.2
local CROSSING_WAIT_S = 15

local WALKABLE = Set {
  'footway', 'path', 'pedestrian', 'living_street', 'residential', 'service', 'unclassified', 'road', 'track',
  'tertiary', 'tertiary_link', 'secondary', 'secondary_link', 'primary', 'primary_link', 'platform',
  'corridor', 'bridleway', 'pier', 'cycleway', 'steps', 'elevator',
}
-- walked only where a tag says so
local ON_PERMISSION = Set { 'trunk', 'trunk_link', 'busway' }
local WELCOME = Set { 'yes', 'designated', 'permissive', 'destination', 'customers', 'delivery', 'official' }
local CLOSED_BARRIERS = Set { 'yes', 'wall', 'fence', 'city_wall', 'hedge', 'retaining_wall' }

local function setup()
  return {
    properties = {
      weight_name = 'duration',
      max_speed_for_map_matching = 12 / 3.6,
      u_turn_penalty = 0,
      continue_straight_at_waypoint = false,
      use_turn_restrictions = false,
    },
    default_mode = mode.walking,
    default_speed = WALK,
    oneway_handling = 'specific', -- only oneway:foot binds
    restrictions = Sequence { 'foot' },
    access_tags_hierarchy = Sequence { 'foot', 'access' },
    access_tag_whitelist = WELCOME,
    access_tag_blacklist = Set { 'no', 'agricultural', 'forestry', 'military', 'emergency', 'use_sidepath' },
    restricted_access_tag_list = Set {},
    restricted_highway_whitelist = Set {},
    service_access_tag_blacklist = Set {},
    construction_whitelist = Set {},
    avoid = Set { 'impassable', 'proposed', 'motorroad', 'construction' },
    route_speeds = { ferry = 5 },
    bridge_speeds = {},
    surface_speeds = { gravel = 4.2, sand = 3, mud = 2.5, unhewn_cobblestone = 4 },
    tracktype_speeds = {},
    smoothness_speeds = {},
  }
end

local function process_node(profile, node, result)
  local access = find_access_tag(node, profile.access_tags_hierarchy)
  if access then
    result.barrier = profile.access_tag_blacklist[access] or false
  else
    result.barrier = CLOSED_BARRIERS[node:get_value_by_key('barrier') or ''] or false
  end
  if node:get_value_by_key('highway') == 'traffic_signals' then result.traffic_lights = true end
end

local function walking(profile, way, result, data)
  if data.route == 'ferry' then return end
  local foot = way:get_value_by_key('foot') or ''
  local sidewalk = way:get_value_by_key('sidewalk') or ''
  local walkable = WALKABLE[data.highway] or WELCOME[foot]
      or (ON_PERMISSION[data.highway] and (sidewalk == 'both' or sidewalk == 'left' or sidewalk == 'right'))
      or data.railway == 'platform' or data.man_made == 'pier'
  if not walkable then return false end
  local speed = data.highway == 'steps' and STAIRS or WALK
  result.forward_speed, result.backward_speed = speed, speed
end

local HANDLERS = Sequence {
  WayHandlers.default_mode, WayHandlers.blocked_ways, WayHandlers.avoid_ways, WayHandlers.access,
  WayHandlers.oneway, WayHandlers.ferries, walking, WayHandlers.surface, WayHandlers.conveying,
  WayHandlers.classification, WayHandlers.roundabouts, WayHandlers.startpoint, WayHandlers.names,
}

local function process_way(profile, way, result, relations)
  local data = {
    highway = way:get_value_by_key('highway'),
    bridge = way:get_value_by_key('bridge'),
    route = way:get_value_by_key('route'),
    railway = way:get_value_by_key('railway'),
    man_made = way:get_value_by_key('man_made'),
  }
  if not (data.highway or data.route == 'ferry' or data.railway == 'platform' or data.man_made == 'pier') then
    return
  end
  WayHandlers.run(profile, way, result, data, HANDLERS, relations)
end

local function process_turn(profile, turn)
  if turn.has_traffic_light then turn.duration = turn.duration + CROSSING_WAIT_S end
  turn.weight = turn.duration
end

return {
  setup = setup,
  process_node = process_node,
  process_way = process_way,
  process_turn = process_turn,
}
