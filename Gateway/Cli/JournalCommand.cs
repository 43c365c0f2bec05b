using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Gateway.Journal;
using Microsoft.Data.Sqlite;

namespace Gateway.Cli;

/// <summary><c>journal</c>: looks into the journal, whether the gateway runs or not. Nothing is ever written to it.</summary>
internal static class JournalCommand
{
    public static Command Create() => new("journal", "Looks into the journal: verify, tail and export. The gateway may be running meanwhile.")
    {
        CreateVerify(),
        CreateTail(),
        CreateExport(),
    };

    private static Command CreateVerify()
    {
        var source = new JournalSource();
        var command = new Command("verify", "Reads the whole journal and tells of everything that is wrong. The exit code is 0 when all is well, otherwise 1.");
        source.AddTo(command);
        command.SetAction((result, cancellation) => source.WithAsync(result, path =>
        {
            var verdict = new JournalVerifier(path, TimeProvider.System).Verify(cancellation);
            return Task.FromResult(Show(path, verdict, result.InvocationConfiguration.Output, result.InvocationConfiguration.Error));
        }));
        return command;
    }

    private static int LinesOf(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var lines) && lines is >= 0 and <= JournalTail.MaxLines)
        {
            return lines;
        }

        result.AddError($"--lines: 0 to {JournalTail.MaxLines} is expected");
        return default;
    }

    private static Command CreateTail()
    {
        var source = new JournalSource();
        var filter = new JournalFilter();
        var lines = new Option<int>("--lines", "-n") { Description = "How many of the last records to show.", DefaultValueFactory = _ => 10, CustomParser = LinesOf };
        var follow = new Option<bool>("--follow", "-f") { Description = "Then shows those that come, until it is stopped." };
        var command = new Command("tail", "Shows the last records, a line for each.") { lines, follow };
        source.AddTo(command);
        filter.AddTo(command);
        command.SetAction((result, cancellation) => source.WithAsync(result, async path =>
        {
            var (output, error) = (result.InvocationConfiguration.Output, result.InvocationConfiguration.Error);
            using var reader = result.GetValue(follow) ? new JournalReader(path, TellTo(error)) : JournalReader.Look(path, TellTo(error));
            var tail = new JournalTail(reader, filter.Of(result), TimeProvider.System);
            foreach (var record in tail.Last(result.GetValue(lines), cancellation))
            {
                await output.WriteLineAsync(JournalTail.LineOf(record));
            }

            if (result.GetValue(follow))
            {
                await tail.FollowAsync(output, cancellation);
            }

            return ExitCode.Success;
        }));
        return command;
    }

    private static Command CreateExport()
    {
        var source = new JournalSource();
        var filter = new JournalFilter();
        var file = new Option<FileInfo?>("--output", "-o") { Description = "The file to write; standard output when missing. One that is there already is left alone." };
        var command = new Command("export", "Writes records as lines of JSON. The exit code is 1 when some could not be read; the others are written.") { file };
        source.AddTo(command);
        filter.AddTo(command);
        command.SetAction((result, cancellation) => source.WithAsync(result, async path =>
        {
            var damaged = 0L;
            var tell = TellTo(result.InvocationConfiguration.Error);
            using var reader = JournalReader.Look(path, (first, count, problem) =>
            {
                damaged += count;
                tell(first, count, problem);
            });
            await using var writer = result.GetValue(file) is { } target
                ? new StreamWriter(new FileStream(target.FullName, FileMode.CreateNew), new UTF8Encoding(false)) { NewLine = "\n" }
                : null;
            var export = new JournalExport(reader, filter.Of(result));
            var written = await export.WriteAsync(writer ?? result.InvocationConfiguration.Output, cancellation);
            await result.InvocationConfiguration.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"records: {written}, damaged: {damaged}"));
            return damaged == 0 ? ExitCode.Success : ExitCode.Failure;
        }));
        return command;
    }

    private static Action<long, long, JournalCodecError> TellTo(TextWriter error) => (first, count, problem) =>
        error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"records {first} to {first + count - 1} are damaged ({problem}) and are left out"));

    private static int Show(string path, JournalVerdict verdict, TextWriter output, TextWriter error)
    {
        output.WriteLine(verdict.Last == 0 ? $"{path}: no records" : string.Create(CultureInfo.InvariantCulture, $"{path}: records {verdict.First} to {verdict.Last}"));
        foreach (var (kind, count) in verdict.Kinds.OrderBy(pair => pair.Key))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {JournalRecordJson.NameOf(kind),-8} {count.Records} records, {count.Bytes} bytes"));
        }

        if (verdict.Removed > 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {verdict.Removed} records among them are no longer kept"));
        }

        foreach (var (name, sequence) in verdict.Cursors)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name} has had up to {sequence}, {Math.Max(verdict.Last - sequence, 0)} behind"));
        }

        foreach (var problem in verdict.Problems)
        {
            error.WriteLine(problem);
        }

        output.WriteLine(verdict.Problems.Count == 0
            ? "all is well"
            : "not all is well: keep a copy of the file (with its -wal), save what can be read with \"gateway journal export\", and see docs/journal.md");
        return verdict.Problems.Count == 0 ? ExitCode.Success : ExitCode.Failure;
    }
}

/// <summary>Which journal is meant.</summary>
internal sealed class JournalSource
{
    private readonly Argument<string?> _file = new("file")
    {
        Description = "The journal's file, such as a backup; that of gateway.json when missing.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly ConfigurationOptions _options = new();

    public void AddTo(Command command)
    {
        command.Arguments.Add(_file);
        _options.AddTo(command);
    }

    /// <summary>Does something with the journal, or says why that can't be.</summary>
    public async Task<int> WithAsync(ParseResult result, Func<string, Task<int>> look)
    {
        var error = result.InvocationConfiguration.Error;
        var path = result.GetValue(_file);
        if (path is null)
        {
            var configuration = _options.Load(result);
            if (!configuration.IsUsable(error))
            {
                return ExitCode.Usage;
            }

            path = configuration.Settings.Journal.Path;
        }

        if (!File.Exists(path))
        {
            await error.WriteLineAsync($"there is no journal {path}; name its file, or the configuration that does (--config)");
            return ExitCode.Failure;
        }

        try
        {
            return await look(path);
        }
        catch (Exception e) when (e is SqliteException or JournalFileException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(e is JournalFileException or IOException ? e.Message : $"the journal {path} can't be read: {e.Message}");
            return ExitCode.Failure;
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C is how following ends.
            return ExitCode.Success;
        }
    }
}
