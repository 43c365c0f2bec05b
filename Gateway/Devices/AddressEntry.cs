namespace Gateway.Devices;

/// <summary>Where a device that registered can be recognised, and until when.</summary>
/// <param name="Location">The name of the registration in its path, below the one that it was made at.</param>
/// <param name="Device">The device.</param>
/// <param name="Peer">The address and port that it registered, or renewed, from.</param>
/// <param name="Lifetime">How long it holds without being renewed.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record AddressEntry(string Location, DeviceId Device, string Peer, TimeSpan Lifetime, DateTimeOffset ExpiresAt);
