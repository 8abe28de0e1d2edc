export interface CoarseDevice {
  deviceClass: "phone" | "tablet" | "computer" | "other";
  browserFamily: "chrome" | "safari" | "firefox" | "edge" | "app" | "other";
  osFamily: "ios" | "android" | "windows" | "macos" | "linux" | "other";
}

/** Enough for a person to recognise their own device, too little to recognise a person: families, no versions. */
export function coarseDevice(userAgent: string | null | undefined): CoarseDevice {
  const agent = (userAgent ?? "").slice(0, 512);
  return { deviceClass: deviceClass(agent), browserFamily: browserFamily(agent), osFamily: osFamily(agent) };
}

function deviceClass(agent: string): CoarseDevice["deviceClass"] {
  if (/ipad|tablet|android(?!.*mobile)/i.test(agent)) return "tablet";
  if (/iphone|ipod|android|mobile/i.test(agent)) return "phone";
  if (/windows nt|macintosh|x11|linux|cros/i.test(agent)) return "computer";
  return "other";
}

// The order matters: every browser names its ancestors too.
function browserFamily(agent: string): CoarseDevice["browserFamily"] {
  if (/okhttp|cfnetwork|reactnative|expo/i.test(agent)) return "app";
  if (/edg(a|ios)?\//i.test(agent)) return "edge";
  if (/firefox\/|fxios\//i.test(agent)) return "firefox";
  if (/chrome\/|crios\//i.test(agent)) return "chrome";
  if (/safari\//i.test(agent)) return "safari";
  return "other";
}

function osFamily(agent: string): CoarseDevice["osFamily"] {
  if (/iphone|ipad|ipod|darwin.*cfnetwork|cfnetwork.*darwin/i.test(agent)) return "ios";
  if (/android|okhttp/i.test(agent)) return "android";
  if (/windows/i.test(agent)) return "windows";
  if (/macintosh|mac os x/i.test(agent)) return "macos";
  if (/linux|x11|cros/i.test(agent)) return "linux";
  return "other";
}
