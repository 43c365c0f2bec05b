namespace Gateway.Uplink;

/// <summary>A frame that was read again, or for which that was not even tried.</summary>
/// <param name="DeviceId">Whose it is; empty when nobody could be found.</param>
/// <param name="Frame">What became of it.</param>
/// <param name="WasTried">Whether a script was asked, so that something is known now which may not have been known before.</param>
internal sealed record ReplayedFrame(string DeviceId, Frame Frame, bool WasTried = true);
