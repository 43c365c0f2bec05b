using System.Buffers;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>What a run must be to be begun. Its command is judged by the rules of commands.</summary>
internal static class RunRules
{
    private const int MaxIdLength = 64;
    private const int MaxLabelLength = 128;
    private const double SlowestRate = 0.01;
    private const double FastestRate = 10_000;
    private const int MostJudged = 1_000_000;

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    // Stands for all the devices that the run will name.
    private const string AnyDevice = "any";

    public static IEnumerable<CommandProblem> ProblemsOf(RunRequest run, ProfileCatalog profiles, DateTimeOffset now) =>
        ProblemsOfSelection(run, profiles).Concat(ProblemsOfCommand(run.Command, now)).Concat(ProblemsOfPace(run));

    private static IEnumerable<CommandProblem> ProblemsOfSelection(RunRequest run, ProfileCatalog profiles)
    {
        if (run.RunId is { } id && (id.Length is 0 or > MaxIdLength || id.AsSpan().ContainsAnyExcept(IdCharacters)))
        {
            yield return new("run_id", $"a run_id is 1 to {MaxIdLength} of the characters A-Z a-z 0-9 . _ -");
        }

        if (run is { Profile: null, Label: null })
        {
            yield return new("", "a run needs a profile or a label, or both: whose devices are meant");
        }

        if (run.Profile is { } profile && profiles.Find(profile) is null)
        {
            yield return new("profile", $"gateway.json has no profile \"{profile}\"; it has {string.Join(", ", profiles.Names)}");
        }

        if (run.Label is { Length: 0 or > MaxLabelLength })
        {
            yield return new("label", $"a label is 1 to {MaxLabelLength} characters");
        }
    }

    private static IEnumerable<CommandProblem> ProblemsOfCommand(CommandRequest? command, DateTimeOffset now)
    {
        if (command is null)
        {
            yield return new("command", "a run needs a command");
            yield break;
        }

        if (command.RequestId is not null)
        {
            yield return new("command.request_id", "the commands of a run get their request ids from it: run_id:device_id");
        }

        if (command.DeviceId is not null)
        {
            yield return new("command.device_id", "a run's command names no device: the run's profile and label do");
        }

        foreach (var problem in CommandRules.ProblemsOf(command with { RequestId = null, DeviceId = AnyDevice }, now))
        {
            yield return problem with { Path = $"command.{problem.Path}" };
        }
    }

    private static IEnumerable<CommandProblem> ProblemsOfPace(RunRequest run)
    {
        if (run.CommandsPerSecond is { } rate && !(rate is >= SlowestRate and <= FastestRate))
        {
            yield return new("commands_per_second", FormattableString.Invariant($"commands_per_second is {SlowestRate} to {FastestRate}"));
        }

        if (run.MaxFailureRatio is { } ratio && !(ratio is >= 0 and <= 1))
        {
            yield return new("max_failure_ratio", "max_failure_ratio is 0 to 1");
        }

        if (run.MinJudged is < 1 or > MostJudged)
        {
            yield return new("min_judged", $"min_judged is 1 to {MostJudged}");
        }
    }
}
