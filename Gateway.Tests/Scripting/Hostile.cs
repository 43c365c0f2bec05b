using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>Calls scripts that would never come back, or would take the process with them.</summary>
internal static class Hostile
{
    /// <summary>Short, so that the tests are; a script's first calls have twenty times as long.</summary>
    public static readonly ScriptLimits Limits = new(TimeSpan.FromMilliseconds(10), 16 << 20);

    /// <summary>For scripts that use up their time whatever it is.</summary>
    public static readonly ScriptLimits NoTime = Limits with { Time = TimeSpan.FromMilliseconds(1) };

    // The smallest that a thread pool's threads have on any platform.
    private const int SmallStack = 1536 << 10;

    // Far longer than any script may run, so that a slow machine is none of the test's business.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A script of members, and the body of <c>parse</c> that misuses them.</summary>
    public static CompiledScript Compile(string body, string members = "", ScriptLimits? limits = null)
    {
        var text = $"{members}\nIEnumerable<Reading> parse(byte[] payload, DeviceConfig config) {{\n{body}\n}}\n{Scripts.NoCommands}";
        var build = ScriptCompiler.Compile(new ScriptSource(Scripts.Name, text), limits ?? Limits);
        Assert.That(build.Problems.Select(problem => problem.ToString()), Is.Empty);
        return build.Script!;
    }

    /// <summary>The script's outcome, which must come at all.</summary>
    public static ScriptOutcome<IReadOnlyList<Reading>> Run(CompiledScript script)
    {
        ScriptOutcome<IReadOnlyList<Reading>> outcome = default;
        var thread = new Thread(() => outcome = script.Parse(1, 2, 3), SmallStack) { IsBackground = true };
        thread.Start();
        Assert.That(thread.Join(Patience), "the script was not stopped");
        return outcome;
    }

    /// <summary>What a script was stopped for.</summary>
    public static string Stopped(string body, string members = "", ScriptLimits? limits = null)
    {
        var failure = Run(Compile(body, members, limits)).Failure;
        Assert.That(failure?.Kind, Is.EqualTo(ScriptFailureKind.LimitExceeded), failure?.Message);
        return failure!.Message;
    }
}
