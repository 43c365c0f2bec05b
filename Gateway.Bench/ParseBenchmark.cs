using BenchmarkDotNet.Attributes;
using Gateway.Scripting;

namespace Gateway.Bench;

/// <summary>
/// One Efento frame of six temperatures to six readings: by the script as the gateway runs it, guarded and taken over,
/// and by the same code compiled into the host.
/// </summary>
[MemoryDiagnoser]
public class ParseBenchmark
{
    private const string EmptyScript = """
        static readonly Reading[] None = [];
        Reading[] parse(ReadOnlySpan<byte> payload, DeviceConfig config) => None;
        byte[]? format_command(Command command, DeviceConfig config) => null;
        """;

    private readonly EfentoInHost _inHost = new();
    private readonly ReadOnlyMemory<byte> _frame = Convert.FromHexString(
        "0a06282c024000001001183c2213080110f0a8c4d50620ae032a062935080e04312880f7c4d5063001400548f8acd1910182011061626364656630313233343536373839");
    private readonly DeviceConfig _config = new() { DeviceId = "282c02424eed", Profile = "efento", ParserScriptRef = "efento.csx" };
    private readonly UplinkRequest _request = new()
    {
        RequestId = "r1",
        Method = "POST",
        Path = "/m",
        ReceivedAt = DateTimeOffset.FromUnixTimeSeconds(1_750_000_000),
        Peer = "192.0.2.1:5683",
    };

    private CompiledScript _script = null!;
    private CompiledScript _empty = null!;

    /// <summary>Compiles the script.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _script = Compiled("scripts/efento.csx", File.ReadAllText(Repository.PathOf("scripts", "efento.csx")));
        _empty = Compiled("scripts/empty.csx", EmptyScript);
        if (Guarded() != InHost() || Guarded() != 6)
        {
            throw new InvalidOperationException("the two do not read the same");
        }
    }

    /// <summary>Without guard, loader and intake.</summary>
    [Benchmark(Baseline = true)]
    public int InHost() => _inHost.Parse(_frame.Span, _config, _request).Count;

    /// <summary>The call alone.</summary>
    [Benchmark]
    public int Empty() => _empty.Parse(_frame, _config, _request).Value.Count;

    /// <summary>As the gateway calls it.</summary>
    [Benchmark]
    public int Guarded() => _script.Parse(_frame, _config, _request).Value.Count;

    private static CompiledScript Compiled(string name, string text)
    {
        var build = ScriptCompiler.Compile(new ScriptSource(name, text), ScriptLimits.Default);
        return build.Script ?? throw new InvalidOperationException(string.Join(Environment.NewLine, build.Problems));
    }
}
