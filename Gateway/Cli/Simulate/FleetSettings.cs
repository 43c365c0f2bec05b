using System.Net;
using Gateway.Coap;

namespace Gateway.Cli;

/// <summary>A fleet of simulated devices, and the network that it is in.</summary>
internal sealed record FleetSettings
{
    /// <summary>Where the gateway takes frames.</summary>
    public required IPEndPoint Server { get; init; }

    /// <summary>What the devices are.</summary>
    public required DeviceFamily Family { get; init; }

    /// <summary>How many.</summary>
    public int Devices { get; init; } = 100;

    /// <summary>How often each speaks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>By which part of the interval a device may be early or late, 0 to 1.</summary>
    public double Jitter { get; init; }

    /// <summary>How long since its last acknowledgement a device asks for one; zero asks always.</summary>
    public TimeSpan AckInterval { get; init; }

    /// <summary>Which part of the datagrams is lost, each way, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Which part of the datagrams reaches the gateway twice, 0 to 1.</summary>
    public double Duplicate { get; init; }

    /// <summary>Before which part of the datagrams the device is given another port, 0 to 1.</summary>
    public double NatRebind { get; init; }

    /// <summary>How many commands each device gets.</summary>
    public int CommandsPerDevice { get; init; }

    /// <summary>How long the devices speak.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How much longer to wait for what is still under way.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What the devices' chance begins with: the same seed is the same fleet.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How patient the devices are.</summary>
    public TransmissionParameters Transmission { get; init; } = new() { SeparateTimeout = TimeSpan.FromSeconds(30) };
}
