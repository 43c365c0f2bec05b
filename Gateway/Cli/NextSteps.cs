using System.Globalization;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary>What to do with a new script, in lines that can be pasted.</summary>
internal static class NextSteps
{
    /// <summary>The lines for a script that was made from <see cref="ScriptTemplate"/>.</summary>
    /// <param name="file">Where it is.</param>
    /// <param name="settings">What a gateway here would run with.</param>
    public static string Of(string file, GatewaySettings settings)
    {
        var (script, name) = (Path.GetFileName(file), Path.GetFileNameWithoutExtension(file));
        var isThere = Path.GetFullPath(settings.Scripts.Path) == Path.GetDirectoryName(file);
        var (gateway, shown) = (Program(), ScriptFiles.DisplayName(file));
        var named = isThere ? script : Quoted(shown);
        var api = string.Create(CultureInfo.InvariantCulture, $"http://{settings.Api.Address}:{settings.Api.Port}/api/v1/devices");
        var move = isThere ? "" : $"\nFirst move both files into {ScriptFiles.DisplayName(settings.Scripts.Path)}.";
        var device = Argument($$"""{"device_id": "my-device", "parser_script_ref": "{{script}}"}""");
        return $$$"""
            {{{shown}}} is written, and its vectors beside it. It reads an example's frames; put your device's format in its place.

            Try it:
              {{{gateway}}} parse {{{named}}} --hex {{{ScriptTemplate.Payload}}}
              {{{gateway}}} format {{{named}}} --command {{{Argument(ScriptTemplate.Command)}}}
              {{{gateway}}} test {{{named}}}

            Use it for one device, with a gateway that runs:{{{move}}}
              curl -s {{{api}}} -H "Content-Type: application/json" -d {{{device}}}

            Or for all devices of a path: add to profiles and routes in gateway.json, and start the gateway anew.
              "profiles": {"{{{name}}}": {"script": "{{{script}}}", "unknown_devices": "provision"}}
              "routes": [{"path": "/{{{name}}}/{device_id}", "methods": ["post", "put"], "profile": "{{{name}}}"}]

            An edited script is live within a second. scripts/README.md says what a script can do.

            """.ReplaceLineEndings("\n");
    }

    // As this program was started, so that the lines work where they were printed.
    private static string Program()
    {
        var process = Environment.ProcessPath ?? "";
        return Path.GetFileNameWithoutExtension(process) == "Gateway"
            ? Quoted(Here(process))
            : $"dotnet {Quoted(ScriptFiles.DisplayName(Path.Combine(AppContext.BaseDirectory, "Gateway.dll")))}";
    }

    // Without a folder a shell looks elsewhere; and that of Windows takes a slash for an option.
    private static string Here(string process)
    {
        var shown = ScriptFiles.DisplayName(process);
        return (shown.Contains('/', StringComparison.Ordinal) ? shown : $"./{shown}").Replace('/', Path.DirectorySeparatorChar);
    }

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;

    // JSON as one argument of sh and cmd alike.
    private static string Argument(string json) => $"\"{json.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
