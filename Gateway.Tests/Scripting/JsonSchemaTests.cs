using System.Text.Json;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>The part of JSON schema (draft 2020-12) that commands need.</summary>
internal sealed class JsonSchemaTests
{
    // The first payload fits, the second does not, and that is why.
    [TestCase("""{"type": "integer"}""", "1.0", "1.5", "/payload must be a whole number")]
    [TestCase("""{"type": ["string", "null"]}""", "null", "1", "/payload must be a text or null")]
    [TestCase("""{"const": {"a": [1]}}""", """{"a": [1.0]}""", "{}", """/payload must be {"a": [1]}""")]
    [TestCase("""{"minimum": 0.1}""", "0.1", "0.09", "/payload must be at least 0.1")]
    [TestCase("""{"maximum": 9007199254740993}""", "9007199254740993", "9007199254740994", "/payload must be at most 9007199254740993")]
    [TestCase("""{"minimum": 1, "maximum": 9}""", "9", "10", "/payload must be from 1 to 9")]
    [TestCase("""{"exclusiveMinimum": 1}""", "1.01", "1", "/payload must be more than 1")]
    [TestCase("""{"exclusiveMaximum": 1}""", "-1e300", "1", "/payload must be less than 1")]
    [TestCase("""{"multipleOf": 0.1}""", "0.3", "0.35", "/payload must be a multiple of 0.1")]
    [TestCase("""{"minLength": 2}""", "\"ab\"", "\"\uD83D\uDE00\"", "/payload must have at least 2 characters")]
    [TestCase("""{"maxLength": 1}""", "\"\uD83D\uDE00\"", "\"ab\"", "/payload must have at most 1 character")]
    [TestCase("""{"pattern": "^a+$"}""", "\"aa\"", "\"ab\"", "/payload must match ^a+$")]
    [TestCase("""{"required": ["a/b"]}""", """{"a/b": 1}""", "{}", "/payload/a~1b is missing")]
    [TestCase("""{"minProperties": 1}""", """{"a": 1}""", "{}", "/payload must have at least 1 member")]
    [TestCase("""{"maxProperties": 0}""", "{}", """{"a": 1}""", "/payload must have at most 0 members")]
    [TestCase("""{"properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "number"}}""", """{"a": "", "b": 1}""", """{"b": ""}""", "/payload/b must be a number")]
    [TestCase("""{"properties": {"a": false}}""", """{"b": 1}""", """{"a": 1}""", "/payload/a must not be there")]
    [TestCase("""{"items": {"type": "number"}, "minItems": 1}""", "[1]", "[1, true]", "/payload/1 must be a number")]
    [TestCase("""{"prefixItems": [{"const": 1}], "items": {"const": 2}}""", "[1, 2, 2]", "[1, 1]", "/payload/1 must be 2")]
    [TestCase("""{"maxItems": 1}""", "[1]", "[1, 2]", "/payload must have at most 1 entry")]
    [TestCase("""{"uniqueItems": true}""", "[1, 2]", "[1, 2, 1.0]", "/payload/2 must not be there twice")]
    [TestCase("""{"allOf": [{"minimum": 1}, {"maximum": 2}]}""", "1", "3", "/payload must be at most 2")]
    [TestCase("""{"anyOf": [{"type": "integer", "minimum": 60}, {"enum": ["off"]}]}""", "\"off\"", "5", "/payload must be at least 60, or must be \"off\"")]
    [TestCase("""{"anyOf": [{"properties": {"a": {"const": 1}}}, {"type": "null"}]}""", """{"a": 1}""", """{"a": 2}""", "/payload /payload/a must be 1, or must be null")]
    [TestCase("""{"oneOf": [{"minimum": 1}, {"maximum": 2}]}""", "3", "1.5", "/payload must have one of several forms, and fits more than one")]
    [TestCase("""{"not": {"const": 0}}""", "1", "0", "/payload must not be so")]
    [TestCase("""{"$ref": "#/$defs/a", "$defs": {"a": {"type": "null"}}}""", "null", "0", "/payload must be null")]
    [TestCase("""{"$defs": {"tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}}}}, "$ref": "#/$defs/tree"}""", """{"left": {"left": {}}}""", """{"left": {"left": 1}}""", "/payload/left/left must be an object")]
    [TestCase("""{"title": "t", "description": "d", "format": "email", "default": 1, "examples": [1], "$comment": "c", "minimum": 1}""", "\"no mail\"", "0", "/payload must be at least 1")]
    public void A_keyword_lets_pass_what_fits_and_says_what_does_not(string schema, string good, string bad, string problem) =>
        Assert.That((Problems(schema, good), Problems(schema, bad)), Is.EqualTo(("", problem)));

    [TestCase("""{"typ": "object"}""", "#/typ is a keyword that is not known here")]
    [TestCase("""{"properties": {"a/b": {"maximum": "9"}}}""", "#/properties/a~1b/maximum must be a number")]
    [TestCase("""{"type": "int"}""", "#/type must be one of object, array, string, number, integer, boolean, null, or a list of some")]
    [TestCase("""{"multipleOf": 0}""", "#/multipleOf must be a number above 0")]
    [TestCase("""{"minimum": 1e999}""", "#/minimum must be a number")]
    [TestCase("""{"minLength": -1}""", "#/minLength must be a whole number, 0 or more")]
    [TestCase("""{"enum": []}""", "#/enum must be a list with something in it")]
    [TestCase("""{"required": [1]}""", "#/required must be a list of names")]
    [TestCase("""{"anyOf": [1]}""", "#/anyOf/0 must be a schema: an object, true or false")]
    [TestCase("""{"$ref": "other.json"}""", "#/$ref must be # or #/$defs/ and a name that is defined there, not \"other.json\"")]
    [TestCase("""{"$defs": {"a": {"$defs": {}}}}""", "#/$defs/a/$defs must stand at the top of the schema")]
    [TestCase("""{"$schema": "http://json-schema.org/draft-07/schema#"}""", "#/$schema must be \"https://json-schema.org/draft/2020-12/schema\": no other draft is known")]
    [TestCase("""{"allOf": [{"$ref": "#"}]}""", "# refers to itself without end")]
    [TestCase("""{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}}""", "#/$defs/a refers to itself without end")]
    public void What_is_no_schema_or_not_known_is_refused_with_its_place(string schema, string problem) =>
        Assert.That(() => SchemaReader.Read(JsonElement.Parse(schema)), Throws.TypeOf<SchemaException>().With.Message.EqualTo(problem));

    [TestCase("(", "#/pattern is no regular expression")]
    [TestCase("(?=a)b", "#/pattern is no regular expression")]
    public void A_pattern_that_could_take_for_ever_is_refused(string pattern, string problem) =>
        Assert.That(() => SchemaReader.Read(JsonElement.Parse($$"""{"pattern": "{{pattern}}"}""")), Throws.TypeOf<SchemaException>().With.Message.StartsWith(problem));

    [Test]
    public void At_most_five_problems_are_told() =>
        Assert.That(Problems("""{"items": false}""", "[1, 2, 3, 4, 5, 6, 7]").Split("; "), Has.Length.EqualTo(5));

    [Test]
    public void A_schema_that_is_endless_work_gives_up()
    {
        // Each definition looks twice at the next one: 2 to the power of 40 looks.
        var definitions = string.Join(", ", Enumerable.Range(0, 40).Select(i => $$"""
            "d{{i}}": {"allOf": [{"$ref": "#/$defs/d{{i + 1}}"}, {"$ref": "#/$defs/d{{i + 1}}"}]}
            """));

        Assert.That(Problems($$"""{"$ref": "#/$defs/d0", "$defs": { {{definitions}}, "d40": true } }""", "1"), Is.EqualTo("/payload is too long or too deep to be checked"));
    }

    [Test]
    public void A_chain_of_thousands_of_references_gives_up()
    {
        var definitions = string.Join(", ", Enumerable.Range(0, 2000).Select(i => $$"""
            "d{{i}}": {"$ref": "#/$defs/d{{i + 1}}"}
            """));

        Assert.That(Problems($$"""{"$ref": "#/$defs/d0", "$defs": { {{definitions}}, "d2000": true } }""", "1"), Is.EqualTo("/payload is too long or too deep to be checked"));
    }

    [Test]
    public void Many_entries_that_must_differ_give_up() => Assert.That(
        Problems("""{"uniqueItems": true}""", $"[{string.Join(',', Enumerable.Range(0, 5000))}]"), Is.EqualTo("/payload is too long or too deep to be checked"));

    [Test]
    public void A_schema_that_cannot_be_used_any_more_refuses_the_command_and_says_so()
    {
        // A start does not look at the schemas of an image that has passed before, and the script may say something else by now.
        var catalog = CatalogIntake.Take([new CommandDescription("set") { Schema = """{"pattern": "("}""" }], passed: true);

        Assert.That(
            catalog.Refusal(new Command { RequestId = "c1", DeviceId = "d1", CommandType = "set" })?.Message,
            Does.StartWith("/payload can't be checked, for the script's schema can't be used: #/pattern is no regular expression"));
    }

    private static string Problems(string schema, string payload) =>
        string.Join("; ", new CatalogCommand("set", null, JsonElement.Parse(schema), null).Problems(JsonElement.Parse(payload)));
}
