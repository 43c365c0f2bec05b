using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>What tests of scripts start from.</summary>
internal static class Scripts
{
    public const string Name = "scripts/x.csx";

    /// <summary>The shortest <c>format_command</c>, for scripts that are about something else.</summary>
    public const string NoCommands = "byte[]? format_command(Command command, DeviceConfig config) => null;\n";

    /// <summary>The shortest <c>parse</c>, for scripts that are about something else.</summary>
    public const string NoReadings = "Reading[] parse(byte[] payload, DeviceConfig config) => [];\n";

    public static readonly DeviceConfig Config = new() { DeviceId = "d1", Profile = "test", ParserScriptRef = "x.csx" };

    public static readonly UplinkRequest Request = new()
    {
        RequestId = "r1",
        Method = "POST",
        Path = "/m",
        ReceivedAt = new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Peer = "192.0.2.1:5683",
    };

    /// <summary>Compiles a script that has to be right.</summary>
    public static CompiledScript Compile(string source)
    {
        var build = ScriptCompiler.Compile(new ScriptSource(Name, source), ScriptLimits.Default);
        Assert.That(build.Problems.Select(problem => problem.ToString()), Is.Empty);
        return build.Script!;
    }

    /// <summary>Compiles a script that has to be wrong, to its problems as the admin reads them.</summary>
    public static string[] Problems(string source)
    {
        var build = ScriptCompiler.Compile(new ScriptSource(Name, source), ScriptLimits.Default);
        Assert.That(build.Succeeded, Is.False, "the script was expected not to compile");
        return [.. build.Problems.Select(problem => problem.ToString())];
    }

    public static ScriptOutcome<IReadOnlyList<Reading>> Parse(this CompiledScript script, params byte[] payload) => script.Parse(payload, Config, Request);

    public static Command Command(string type, string payload = "{}") => new()
    {
        RequestId = "c1",
        DeviceId = "d1",
        CommandType = type,
        Payload = System.Text.Json.JsonElement.Parse(payload),
    };
}
