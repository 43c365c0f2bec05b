namespace Gateway.Cli;

/// <summary>A kind of devices that can be simulated.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Make">Makes the n-th device, from 0, which first speaks at an instant.</param>
internal sealed record DeviceFamily(string Name, Func<FleetSettings, int, Random, DateTimeOffset, IDeviceModel> Make)
{
    /// <summary>All that there are.</summary>
    public static readonly IReadOnlyList<DeviceFamily> All =
    [
        new("efento", (settings, number, chance, first) => new EfentoSensor(settings, number, chance, first)),
    ];
}
