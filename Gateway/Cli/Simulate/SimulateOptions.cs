using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using Gateway.Configuration;
using Gateway.Sinks;

namespace Gateway.Cli;

/// <summary>The options of <c>simulate</c>.</summary>
internal sealed class SimulateOptions
{
    private const int MostDevices = 1_000_000;
    private const int MostCommands = 1000;

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);

    private readonly Argument<string?> _target = new("uri")
    {
        Description = "The gateway: coap://host[:port]. When missing, the gateway of the configuration on this machine.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _family = new("--family", "-f") { Description = $"What the devices are: {string.Join(", ", DeviceFamily.All.Select(family => family.Name))}.", DefaultValueFactory = _ => "efento" };
    private readonly Option<int> _devices = new("--devices", "-n")
    {
        Description = "How many devices; 100 when missing.",
        DefaultValueFactory = _ => 100,
        CustomParser = result => CountOf(result, 1, MostDevices),
    };

    private readonly Option<TimeSpan> _interval = Time("--interval", "How often each device speaks, such as 10s; from 1s on.", "10s", ShortestInterval);
    private readonly Option<double> _jitter = Part("--jitter", "By which part of the interval a device is early or late; 20% without a value.", whenBare: "20%");
    private readonly Option<TimeSpan?> _ackInterval = new("--ack-interval")
    {
        Description = "After how long a device asks for an acknowledgement again, such as 3m; when missing, every message is confirmable.",
        CustomParser = result => Quantity.TimeOf(result.Tokens[0].Value) is { } time ? time : Wrong<TimeSpan?>(result, "a time such as 3m is expected"),
    };

    private readonly Option<double> _loss = Part("--loss", "Which part of the datagrams is lost, each way, such as 5%.");
    private readonly Option<double> _duplicate = Part("--duplicate", "Which part of the datagrams reaches the gateway twice.");
    private readonly Option<double> _rebind = Part("--nat-rebind", "Before which part of the datagrams the device gets another port.");
    private readonly Option<int> _commands = new("--commands")
    {
        Description = "Queues commands over the management API, so many for each device; one without a value.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => result.Tokens.Count == 0 ? 1 : CountOf(result, 0, MostCommands),
    };

    private readonly Option<TimeSpan> _duration = Time("--duration", "How long the devices speak.", "1m");
    private readonly Option<TimeSpan> _settle = Time("--settle", "How much longer to wait for commands and readings that are under way.", "2m");
    private readonly Option<TimeSpan> _ackTimeout = Time("--ack-timeout", "How long a device waits before it sends a message again the first time (ACK_TIMEOUT of RFC 7252).", "2s");
    private readonly Option<int?> _seed = new("--seed") { Description = "What chance begins with: the same seed is the same fleet. When missing, another one each time." };
    private readonly Option<string?> _readings = new("--readings")
    {
        Description = "The file into which a sink writes the readings, a line of JSON for each. When missing and the gateway is on this machine, that of the configuration's first file sink; \"none\" compares nothing.",
    };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_target);
        foreach (var option in new Option[] { _family, _devices, _interval, _jitter, _ackInterval, _loss, _duplicate, _rebind, _commands, _duration, _settle, _ackTimeout, _seed, _readings })
        {
            command.Options.Add(option);
        }

        _family.AcceptOnlyFromAmong([.. DeviceFamily.All.Select(family => family.Name)]);
    }

    /// <summary>What is asked for.</summary>
    /// <exception cref="InvalidDataException">It can't be; the message says why.</exception>
    public async Task<FleetSettings> SettingsAsync(ParseResult result, GatewaySettings gateway, TimeProvider time, CancellationToken cancellation)
    {
        var family = DeviceFamily.All.Single(family => family.Name == result.GetValue(_family));
        if (result.GetValue(_commands) > 0 && !family.TakesCommands)
        {
            throw new InvalidDataException($"--commands is for {string.Join(", ", DeviceFamily.All.Where(other => other.TakesCommands).Select(other => other.Name))}: a simulated {family.Name} device makes nothing of what it is told");
        }

        return SettingsOf(result, await ServerAsync(result.GetValue(_target), gateway, cancellation), family, time);
    }

    private FleetSettings SettingsOf(ParseResult result, IPEndPoint server, DeviceFamily family, TimeProvider time) => new()
    {
        Server = server,
        Family = family,
        Devices = result.GetValue(_devices),
        Interval = result.GetValue(_interval),
        Jitter = result.GetValue(_jitter),
        AckInterval = result.GetValue(_ackInterval) ?? TimeSpan.Zero,
        Loss = result.GetValue(_loss),
        Duplicate = result.GetValue(_duplicate),
        NatRebind = result.GetValue(_rebind),
        CommandsPerDevice = result.GetValue(_commands),
        Duration = result.GetValue(_duration),
        Settle = result.GetValue(_settle),
        Seed = result.GetValue(_seed) ?? (int)(time.GetUtcNow().ToUnixTimeSeconds() & int.MaxValue),
        Transmission = new TransmissionParameters { AckTimeout = result.GetValue(_ackTimeout), SeparateTimeout = TimeSpan.FromSeconds(30) },
    };

    /// <summary>The file that the readings come out into; null when nothing is compared.</summary>
    public string? ReadingsFile(ParseResult result, GatewaySettings gateway, FleetSettings fleet) => result.GetValue(_readings) switch
    {
        "none" => null,
        { } path => path,
        _ => IPAddress.IsLoopback(fleet.Server.Address) ? gateway.Sinks.Values.OfType<FileSinkSettings>().FirstOrDefault(sink => sink is { Enabled: true, Format: SinkFormat.Json })?.Path : null,
    };

    private static async Task<IPEndPoint> ServerAsync(string? target, GatewaySettings gateway, CancellationToken cancellation)
    {
        if (target is null)
        {
            return gateway.Coap.Port > 0
                ? new IPEndPoint(IPAddress.Loopback, gateway.Coap.Port)
                : throw new InvalidDataException("coap.port is 0, so nobody knows where the gateway takes frames; say where: gateway simulate coap://127.0.0.1:PORT");
        }

        if (!CoapUri.TryParse(target, out var uri, out var problem))
        {
            throw new InvalidDataException(problem);
        }

        if (uri.IsSecure)
        {
            throw new InvalidDataException($"\"{target}\" means DTLS, which simulated devices do not speak: give a coap:// address");
        }

        if (uri.Path.Count > 0 || uri.Query.Count > 0)
        {
            throw new InvalidDataException($"\"{target}\" has a path, but each family has paths of its own: give host and port alone");
        }

        try
        {
            return new IPEndPoint((await Dns.GetHostAddressesAsync(uri.Host, cancellation))[0], uri.Port);
        }
        catch (SocketException exception)
        {
            throw new InvalidDataException($"no address is known for \"{uri.Host}\"", exception);
        }
    }

    private static Option<TimeSpan> Time(string name, string description, string usual, TimeSpan least = default) => new(name)
    {
        Description = $"{description} {usual} when missing.",
        DefaultValueFactory = _ => Quantity.TimeOf(usual)!.Value,
        CustomParser = result => Quantity.TimeOf(result.Tokens[0].Value) switch
        {
            null => Wrong<TimeSpan>(result, "a time such as 500ms, 10s, 15m or 2h is expected"),
            { } time when time < least => Wrong<TimeSpan>(result, $"{least.TotalSeconds}s is the shortest"),
            { } time => time,
        },
    };

    private static Option<double> Part(string name, string description, string? whenBare = null) => new(name)
    {
        Description = description,
        Arity = whenBare is null ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne,
        CustomParser = result => Quantity.PartOf(result.Tokens.Count == 0 ? whenBare! : result.Tokens[0].Value) ?? Wrong<double>(result, "a part such as 5% or 0.05 is expected"),
    };

    private static int CountOf(ArgumentResult result, int least, int most) =>
        int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var count) && count >= least && count <= most ? count : Wrong<int>(result, $"{least} to {most} is expected");

    private static T? Wrong<T>(ArgumentResult result, string expected)
    {
        result.AddError($"{((OptionResult)result.Parent!).Option.Name}: {expected}");
        return default;
    }
}
