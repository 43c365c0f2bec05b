namespace Gateway.Cli;

/// <summary>A kind of devices that can be simulated.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Make">Makes the n-th device, from 0, which first speaks at an instant.</param>
internal sealed record DeviceFamily(string Name, Func<FleetSettings, int, Random, DateTimeOffset, IDeviceModel> Make)
{
    /// <summary>All that there are.</summary>
    public static readonly IReadOnlyList<DeviceFamily> All =
    [
        new("efento", (settings, number, chance, first) => new EfentoSensor(settings, number, chance, first)) { TakesCommands = true },
        Plain("json", (settings, number) => $"sim-{PlainFamilies.Digits(settings, number, 11)}", PlainFamilies.Json),
        Plain("senml", (settings, number) => $"urn:dev:mac:{PlainFamilies.Digits(settings, number, 16)}", PlainFamilies.Senml),
        Plain("nrf-cloud", (settings, number) => $"nrf-{PlainFamilies.Digits(settings, number, 15)}", PlainFamilies.NrfCloud),
        Plain("dragino-nb", (settings, number) => PlainFamilies.Digits(settings, number, 15), PlainFamilies.Dragino),
        Plain("milesight-nb", (settings, number) => PlainFamilies.Digits(settings, number, 16), PlainFamilies.Milesight),
        new("lwm2m", (settings, number, chance, first) => new PlainDevice(
            settings, number, $"lwm2m-{PlainFamilies.Digits(settings, number, 11)}", chance, first, PlainFamilies.Lwm2mSend, PlainFamilies.Lwm2mRegistration)),
    ];

    /// <summary>Whether its devices do what commands say; those of the others make nothing of answers.</summary>
    public bool TakesCommands { get; init; }

    private static DeviceFamily Plain(string name, Func<FleetSettings, int, string> id, FrameWriter write) =>
        new(name, (settings, number, chance, first) => new PlainDevice(settings, number, id(settings, number), chance, first, write));
}
