using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>A device's place in the <see cref="CommandRegistry"/>: the configuration and the script that serve it.</summary>
/// <param name="Config">What the script gets to see of the device.</param>
/// <param name="Script">Shared by all devices of this script, so that a swapped version serves them all at once.</param>
internal sealed record Registration(DeviceConfig Config, CatalogScript Script);
