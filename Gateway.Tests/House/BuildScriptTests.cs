using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace Gateway.Tests.House;

/// <summary>build.ps1, run by PowerShell's engine in this process: it has to work where no pwsh is installed to try it with.</summary>
internal sealed class BuildScriptTests
{
    private static readonly string Script = Repository.PathOf("build.ps1");

    // The cmdlets that the script uses are in modules that come with pwsh, not with its engine; these do the same. dotnet is replaced too.
    private const string Stubs = """
        function Push-Location([string] $path) { $ExecutionContext.SessionState.Path.PushCurrentLocation('s'); $null = $ExecutionContext.SessionState.Path.SetLocation($path) }
        function Pop-Location { $null = $ExecutionContext.SessionState.Path.PopLocation('s') }
        function Test-Path([string] $path) { [IO.Directory]::Exists((Join-Here $path)) -or [IO.File]::Exists((Join-Here $path)) }
        function Join-Here([string] $path) { [IO.Path]::Combine($ExecutionContext.SessionState.Path.CurrentFileSystemLocation.Path, $path) }
        function Write-Host([string] $text) { $text }
        function dotnet { 'dotnet ' + ($args -join '|') + ' in ' + $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.Path; $global:LASTEXITCODE = 3 }
        """;

    [Test]
    public void It_is_written_in_the_language_of_Windows_PowerShell()
    {
        var ast = Parser.ParseFile(Script, out var tokens, out var errors);

        Assert.That(errors.Select(error => error.ToString()), Is.Empty);
        Assert.That(tokens.Where(IsNewerThan51).Select(token => $"line {token.Extent.StartLineNumber}: {token.Text}"), Is.Empty);
        Assert.That(ast.FindAll(node => node is TernaryExpressionAst or PipelineChainAst, searchNestedScriptBlocks: true), Is.Empty);
        Assert.That(File.ReadAllBytes(Script), Has.All.LessThan(0x80), "Windows PowerShell reads a file without a mark as the machine's code page");
    }

    [TestCase("", "test")]
    [TestCase("test --filter Configuration -c Release", "test|--filter|Configuration|-c|Release")]
    [TestCase("run --set coap.port=0 --set api.port=0", "run|--project|Gateway|-c|Release|--|run|--set|coap.port=0|--set|api.port=0")]
    [TestCase("run --set 'storage.path=my data'", "run|--project|Gateway|-c|Release|--|run|--set|storage.path=my data")]
    [TestCase("format --verify-no-changes", "format|--verify-no-changes")]
    [TestCase("bench --job short", "run|--project|Gateway.Bench|-c|Release|--|--job|short")]
    [TestCase("publish -r linux-x64", "publish|Gateway|-c|Release|-o|artifacts/publish|-r|linux-x64")]
    [TestCase("pack", "pack|Gateway|-c|Release|-o|artifacts/tool")]
    public void A_target_calls_dotnet_in_the_repository_and_passes_its_exit_code_on(string arguments, string commandLine)
    {
        var run = Run(arguments);

        Assert.That(run.Output, Is.EqualTo([$"dotnet {commandLine} in {Repository.Root}"]));
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((3, "")));
        Assert.That(run.Location, Is.EqualTo(run.StartLocation), "who called the script stays where they were");
    }

    [Test]
    public void There_are_no_other_targets()
    {
        var run = Run("deploy");

        Assert.That(run.Output, Is.Empty);
        Assert.That(run.Error, Does.Contain("run,test,format,bench,publish,pack"));
    }

    private static bool IsNewerThan51(Token token) => token.Kind is TokenKind.QuestionQuestion or TokenKind.QuestionQuestionEquals
        or TokenKind.QuestionDot or TokenKind.QuestionLBracket or TokenKind.QuestionMark or TokenKind.AndAnd or TokenKind.OrOr or TokenKind.Clean;

    private static Outcome Run(string arguments)
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }

        using var runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        using var shell = PowerShell.Create(runspace);
        var start = runspace.SessionStateProxy.Path.CurrentLocation.Path;
        shell.AddScript(Stubs).Invoke();
        shell.Commands.Clear();

        var output = shell.AddScript($"& '{Script}' {arguments}").Invoke<string>();

        var exitCode = runspace.SessionStateProxy.GetVariable("LASTEXITCODE") as int?;
        return new Outcome([.. output], string.Join('\n', shell.Streams.Error), exitCode, start, runspace.SessionStateProxy.Path.CurrentLocation.Path);
    }

    private sealed record Outcome(string[] Output, string Error, int? ExitCode, string StartLocation, string Location);
}
