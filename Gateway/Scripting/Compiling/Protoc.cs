using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Scripting;

/// <summary>The protobuf compiler, as a process of its own.</summary>
/// <param name="folder">Where it is, with the files that come with it in <c>include</c>.</param>
/// <param name="limit">How long it may take; it is killed then.</param>
internal sealed partial class Protoc(string folder, TimeSpan limit)
{
    /// <summary>The one that lies beside the gateway.</summary>
    public static readonly Protoc BesideGateway = new(Path.Combine(AppContext.BaseDirectory, "tools"), TimeSpan.FromSeconds(10));

    // Nobody waits for longer than this for a process that was killed to be gone.
    private static readonly TimeSpan Dying = TimeSpan.FromSeconds(1);

    /// <summary>Where it should be.</summary>
    public string Program { get; } = Path.Combine(folder, OperatingSystem.IsWindows() ? "protoc.exe" : "protoc");

    /// <summary>Which one it is; another one may make other code of the same files. Null when there is none.</summary>
    public string? Identity => new FileInfo(Program) is { Exists: true } file
        ? string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}")
        : null;

    /// <summary>Makes C# of <c>.proto</c> files: the texts of the files that it wrote, or problems.</summary>
    public (IReadOnlyList<string> Sources, IReadOnlyList<ScriptProblem> Problems) Run(ProtoSet set)
    {
        if (Identity is null)
        {
            return ([], [Problem(set, ScriptProblemCode.ProtocUnavailable, $"there is no {Program}, which compiles .proto files while the gateway runs; this script works without it only with those that are built in")]);
        }

        DirectoryInfo? place = null;
        try
        {
            place = Directory.CreateTempSubdirectory("gateway-protos-");
            return Run(set, place.CreateSubdirectory("in").FullName, place.CreateSubdirectory("out").FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return ([], [Problem(set, ScriptProblemCode.ProtocUnavailable, $"{Program} can't be run: {exception.Message}")]);
        }
        finally
        {
            place?.Delete(recursive: true);
        }
    }

    private (IReadOnlyList<string> Sources, IReadOnlyList<ScriptProblem> Problems) Run(ProtoSet set, string input, string output)
    {
        foreach (var (path, text) in set.Files.Concat(set.BuiltIn))
        {
            var file = Path.Combine(input, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        // A file for each namespace's own folder: files of the same name would else overwrite each other. No shell, and ProtoFolder takes no name that looks like an option.
        using var process = Process.Start(new ProcessStartInfo(
            Program, ["--proto_path=.", $"--proto_path={Path.Combine(folder, "include")}", $"--csharp_out={output}", "--csharp_opt=base_namespace=", .. set.Files.Keys])
        {
            WorkingDirectory = input,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        process.StandardInput.Close();
        var (errors, said) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(Dying);
            return ([], [Problem(set, ScriptProblemCode.ProtocFailed, string.Create(CultureInfo.InvariantCulture, $"protoc did not end within {limit.TotalSeconds} s"))]);
        }

        Task.WaitAll(errors, said);
        return process.ExitCode == 0
            ? ([.. Directory.EnumerateFiles(output, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText)], [])
            : ([], Problems(set, errors.Result));
    }

    private static ScriptProblem[] Problems(ProtoSet set, string errors)
    {
        ScriptProblem[] problems =
        [
            .. from line in errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
               let match = Place().Match(line)
               where match.Success && !match.Groups["message"].Value.StartsWith("warning:", StringComparison.Ordinal)
               select new ScriptProblem(
                   set.Display(match.Groups["file"].Value), Number(match.Groups["line"]), Number(match.Groups["column"]), ScriptProblemCode.ProtoInvalid,
                   match.Groups["message"].Value),
        ];
        return problems.Length > 0 ? problems : [Problem(set, ScriptProblemCode.ProtocFailed, $"protoc failed: {errors.Trim()}")];
    }

    private static int Number(Group group) => int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : 1;

    private static ScriptProblem Problem(ProtoSet set, string code, string message) => ScriptProblem.OfFile(set.Display(set.Files.Keys.First()), code, message);

    [GeneratedRegex(@"^(?<file>.+?\.proto):(?:(?<line>\d+):(?<column>\d+):)? (?<message>.+)$")]
    private static partial Regex Place();
}
