namespace Gateway.Tests.Scripting;

/// <summary>What is wrong with a script is told with its place, and with what would be right.</summary>
internal sealed class ScriptProblemTests
{
    private const string ParseForm = "IEnumerable<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config[, UplinkRequest request])";
    private const string FormatForm = "byte[]? format_command(Command command, DeviceConfig config[, UplinkRequest? request])";
    private const string IdentifyForm = "string? identify(ReadOnlySpan<byte> payload, UplinkRequest request)";
    private const string RespondForm = "UplinkResponse? respond(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request)";

    [Test]
    public void Errors_of_the_compiler_have_their_places_in_the_order_of_the_source()
    {
        Assert.That(Scripts.Problems("var a = 1;\n   int b = \"x\";\nint c = 2\n"), Is.EqualTo(
        [
            "scripts/x.csx(2,12): error CS0029: Cannot implicitly convert type 'string' to 'int'",
            "scripts/x.csx(3,10): error CS1002: ; expected",
        ]));
    }

    [Test]
    public void Missing_functions_are_named_with_their_form()
    {
        Assert.That(Scripts.Problems("int a = 1;"), Is.EqualTo(
        [
            $"scripts/x.csx(1,1): error GW0001: the script has no function parse: {ParseForm}; a class that implements IDeviceParser would do as well",
            $"scripts/x.csx(1,1): error GW0001: the script has no function format_command: {FormatForm}; a class that implements IDeviceParser would do as well",
        ]));
    }

    [Test]
    public void A_misspelt_function_is_pointed_at()
    {
        Assert.That(Scripts.Problems(Scripts.NoReadings + "byte[]? FormatCommand(Command c, DeviceConfig d) => null;"), Is.EqualTo(
        [
            $"scripts/x.csx(2,9): error GW0001: the script has no function format_command: {FormatForm}; this one is named FormatCommand",
        ]));
    }

    [TestCase("int parse(byte[] payload, DeviceConfig config) => 1;", 5, "parse has the wrong result type")]
    [TestCase("List<string> parse(byte[] payload, DeviceConfig config) => [];", 14, "parse has the wrong result type")]
    [TestCase("void parse(byte[] payload, DeviceConfig config) { }", 6, "parse has the wrong result type")]
    [TestCase("Reading[] parse(string payload, DeviceConfig config) => [];", 11, "parse can't be called with the parameter payload")]
    [TestCase("Reading[] parse(Span<byte> bytes, DeviceConfig config) => [];", 11, "parse can't be called with the parameter bytes")]
    [TestCase("Reading[] parse(in ReadOnlySpan<byte> payload, DeviceConfig config) => [];", 11, "parse can't be called with the parameter payload")]
    [TestCase("Reading[] parse(DeviceConfig config, byte[] payload) => [];", 11, "parse can't be called with the parameter config")]
    [TestCase("static Reading[] parse(byte[] payload, DeviceConfig config, int more) => [];", 18, "parse can't be called with the parameter more")]
    [TestCase("class Reading { } Reading[] parse(byte[] payload, DeviceConfig config) => [];", 29, "parse has the wrong result type")]
    [TestCase("static Reading[] parse(byte[] payload) => [];", 18, "parse has the wrong number of parameters")]
    [TestCase("Reading[] parse() => [];", 11, "parse has the wrong number of parameters")]
    [TestCase("Reading[] parse<T>(byte[] payload, DeviceConfig config) => [];", 11, "parse must not be generic")]
    public void A_parse_of_the_wrong_form_is_refused(string declaration, int column, string reason)
    {
        Assert.That(Scripts.Problems($"// a parser\n{declaration}\n{Scripts.NoCommands}"), Is.EqualTo(
        [
            $"scripts/x.csx(2,{column}): error GW0002: {reason}; expected {ParseForm}",
        ]));
    }

    [TestCase("string format_command(Command command, DeviceConfig config) => null;", 8, "format_command has the wrong result type", FormatForm, true)]
    [TestCase("byte[] format_command(string command, DeviceConfig config) => null;", 8, "format_command can't be called with the parameter command", FormatForm, true)]
    [TestCase("int identify(byte[] payload, UplinkRequest request) => 1;", 5, "identify has the wrong result type", IdentifyForm, false)]
    [TestCase("string identify(byte[] payload) => \"\";", 8, "identify has the wrong number of parameters", IdentifyForm, false)]
    [TestCase("byte[] respond(byte[] payload, DeviceConfig config) => null;", 8, "respond has the wrong number of parameters", RespondForm, false)]
    [TestCase("string respond(byte[] payload, DeviceConfig config, UplinkRequest r) => null;", 8, "respond has the wrong result type", RespondForm, false)]
    public void Other_functions_of_the_wrong_form_are_refused(string declaration, int column, string reason, string form, bool replaces)
    {
        var rest = replaces ? Scripts.NoReadings : Scripts.NoReadings + Scripts.NoCommands;
        Assert.That(Scripts.Problems($"{declaration}\n{rest}"), Is.EqualTo([$"scripts/x.csx(1,{column}): error GW0002: {reason}; expected {form}"]));
    }

    [Test]
    public void A_name_that_is_no_function_is_refused()
    {
        Assert.That(Scripts.Problems($"Func<byte[], Reading[]> parse = bytes => [];\n{Scripts.NoCommands}"), Is.EqualTo(
        [
            $"scripts/x.csx(1,25): error GW0002: parse must be a function: {ParseForm}",
        ]));
    }

    [Test]
    public void Overloads_are_refused()
    {
        Assert.That(Scripts.Problems($"{Scripts.NoReadings}Reading[] parse(string more) => [];\n{Scripts.NoCommands}"), Is.EqualTo(
        [
            $"scripts/x.csx(2,11): error GW0003: there must be only one parse: {ParseForm}",
        ]));
    }

    [Test]
    public void Async_functions_and_await_are_refused()
    {
        var asynchronous = "async System.Threading.Tasks.Task<Reading[]> parse(byte[] payload, DeviceConfig config) => [];\n";

        Assert.Multiple(() =>
        {
            Assert.That(Scripts.Problems(asynchronous + Scripts.NoCommands), Has.Length.EqualTo(2).And.Member(
                $"scripts/x.csx(1,46): error GW0004: parse must not be async, the gateway calls it synchronously: {ParseForm}"));
            Assert.That(Scripts.Problems($"{Scripts.NoReadings}{Scripts.NoCommands}  await System.Threading.Tasks.Task.Yield();"), Is.EqualTo(
            [
                "scripts/x.csx(3,3): error GW0004: await is not available: the gateway calls scripts synchronously",
            ]));
        });
    }

    [TestCase("System.Net.Http", "GW0063: #r \"System.Net.Http\": not available; scripts see Gateway, Google.Protobuf, System.Collections")]
    [TestCase("nuget: Newtonsoft.Json, 13.0.3", "GW0064: #r \"nuget: Newtonsoft.Json, 13.0.3\": the gateway fetches no packages; put the code that is needed into a file, and #load it")]
    public void Other_references_are_refused(string reference, string problem)
    {
        Assert.That(Scripts.Problems($"#r \"{reference}\"\n{Scripts.NoReadings}{Scripts.NoCommands}"), Has.One.StartsWith($"scripts/x.csx(1,1): error {problem}"));
    }

    [Test]
    public void Top_level_code_that_throws_is_told_with_its_line()
    {
        Assert.That(Scripts.Problems($"{Scripts.NoReadings}{Scripts.NoCommands}\nint zero = 0;\nint broken = 1 / zero;"), Is.EqualTo(
        [
            "scripts/x.csx(5,1): error GW0008: the script's top-level code threw DivideByZeroException: Attempted to divide by zero.",
        ]));
    }

    [Test]
    public void Of_many_problems_the_first_are_told()
    {
        var problems = Scripts.Problems(string.Concat(Enumerable.Repeat("int a = nothing;\n", 200)));

        Assert.Multiple(() =>
        {
            Assert.That(problems, Has.Length.EqualTo(51));
            Assert.That(problems[^1], Does.Match(@"^scripts/x\.csx\(1,1\): error GW0012: there are \d+ more problems$"));
        });
    }

    [Test]
    public void The_console_and_the_network_are_not_in_sight()
    {
        Assert.That(Scripts.Problems($"{Scripts.NoReadings}{Scripts.NoCommands}Console.WriteLine(1);\nvar a = new System.Net.Http.HttpClient();"), Has.Length.EqualTo(2));
    }
}
