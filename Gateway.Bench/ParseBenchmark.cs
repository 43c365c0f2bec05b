using BenchmarkDotNet.Attributes;
using Gateway.Scripting;

namespace Gateway.Bench;

/// <summary>
/// One Efento frame of temperatures to its readings: by the script as the gateway runs it, guarded and taken over, and by the same code
/// compiled into the host.
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
    private CompiledScript _script = null!;
    private CompiledScript _empty = null!;
    private byte[] _frame = null!;

    /// <summary>How many are in the frame.</summary>
    [Params(6, 120)]
    public int Readings { get; set; }

    /// <summary>Compiles the script.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _script = Compiled("scripts/efento.csx", File.ReadAllText(Repository.PathOf("scripts", "efento.csx")));
        _empty = Compiled("scripts/empty.csx", EmptyScript);
        _frame = Frames.EfentoOf(Readings);
        if (Guarded() != InHost() || Guarded() != Readings)
        {
            throw new InvalidOperationException("the two do not read the same");
        }
    }

    /// <summary>Without guard, loader and intake.</summary>
    [Benchmark(Baseline = true)]
    public int InHost() => _inHost.Parse(_frame, Frames.Config, Frames.Request).Count;

    /// <summary>The call alone.</summary>
    [Benchmark]
    public int Empty() => _empty.Parse(_frame, Frames.Config, Frames.Request).Value.Count;

    /// <summary>As the gateway calls it.</summary>
    [Benchmark]
    public int Guarded() => _script.Parse(_frame, Frames.Config, Frames.Request).Value.Count;

    private static CompiledScript Compiled(string name, string text)
    {
        var build = ScriptCompiler.Compile(new ScriptSource(name, text), ScriptLimits.Default);
        return build.Script ?? throw new InvalidOperationException(string.Join(Environment.NewLine, build.Problems));
    }
}
