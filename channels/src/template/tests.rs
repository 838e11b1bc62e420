use serde_json::json;
use stratagem_domain::strategy::ContactDoc;

use super::*;

fn contact() -> serde_json::Value {
    json!({
        "contact": {
            "name": "Ada <b>{{7*7}}</b>", "email": "ada@example.com", "phone": null,
            "params": {"amount": 120.5, "items": ["a", "b"], "big": "x".repeat(100_000)},
        },
        "campaign": {"name": "Spring"}, "stage": {"name": "first"}, "communication": {"params": {}}, "unsubscribe_url": "",
    })
}

fn render(source: &str, format: Format) -> Result<String, String> {
    Templates::new().render("body", source, format, &scope(&contact()))
}

#[test]
fn values_are_data_and_escaped_in_html() {
    assert_eq!(render("{{ contact.name }}", Format::Text).unwrap(), "Ada <b>{{7*7}}</b>");
    assert_eq!(render("<p>{{ contact.name }}", Format::Html).unwrap(), "<p>Ada &lt;b&gt;{{7*7}}&lt;/b&gt;");
}

#[test]
fn conditions_loops_and_filters_work() {
    let source = "{% if contact.phone is none %}{% for i in contact.params.items %}{{ i|upper }}{{ loop.index }} {% endfor %}\
                  {% else %}no{% endif %}{{ contact.params.items|join('+') }} {{ contact.params.amount|replace('.', ',') }}";
    assert_eq!(render(source, Format::Text).unwrap(), "A1 B2 a+b 120,5");
    assert_eq!(render("{{ contact.params.nick|default('you') }}", Format::Text).unwrap(), "you");
    assert_eq!(render("{{ contact.phone|default('-') }}", Format::Text).unwrap(), "-");
    assert_eq!(
        render("{% raw %}{{ a * b }}{% set %}{% endraw %}{# {% set #}", Format::Text).unwrap(),
        "{{ a * b }}{% set %}"
    );
}

#[test]
fn a_variable_without_a_value_is_an_error_that_names_it() {
    let error = render("Dear customer,\nyou owe {{ contact.params.due_date }}", Format::Text).unwrap_err();
    assert_eq!(error, "body: line 2: `contact.params.due_date` has no value");
    assert_eq!(render("{{ contact.phone }}", Format::Html).unwrap_err(), "body: line 1: `contact.phone` has no value");
    assert!(render("{{ contact.params.x|replace('a', 'b') }}", Format::Text).is_err());
    assert!(render("{{ contact.params.x.y }}", Format::Text).is_err());
}

#[test]
fn unknown_names_are_found_without_a_contact() {
    let templates = Templates::new();
    let found =
        templates.check("{{ contact.frist_name }}{{ user }}{{ contact.params.any }}{{ stage.name }}").unwrap_err();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("`contact.frist_name` is unknown"), "{found:?}");
    assert!(found[1].contains("`user` is unknown"), "{found:?}");
    assert!(templates.check("{{ contact.name").unwrap_err()[0].contains("line 1: syntax error"));
    assert!(templates.check("{{ contact.name | indent(9) }}").unwrap_err()[0].contains("`indent` is not available"));
}

#[test]
fn every_named_filter_is_there() {
    for name in filters::NAMES {
        let error = render(&format!("{{{{ contact.name|{name} }}}}"), Format::Text).err().unwrap_or_default();
        assert!(!error.contains("unknown filter"), "{error}");
    }
}

#[test]
fn the_fields_are_those_of_the_contact_that_strategies_see() {
    let doc = ContactDoc {
        id: String::new(),
        object_id: String::new(),
        external_id: String::new(),
        name: String::new(),
        email: None,
        phone: None,
        time_zone: None,
        current_stage: None,
        params: Default::default(),
        results: Default::default(),
        internal_data: Default::default(),
        communications: vec![],
        communications_total: 0,
    };
    let serde_json::Value::Object(fields) = serde_json::to_value(doc).unwrap() else { panic!() };
    assert_eq!(fields.keys().collect::<Vec<_>>(), CONTACT_FIELDS);
}

#[test]
fn nothing_grows_without_bounds() {
    for source in [
        "{% set a = 'x' %}",
        "{%- set a = 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{%with a=1%}",
        "{{ 'x' * 1000 }}",
        "{{ 2 ** 9 }}",
        "{% if 'x' * 9 %}{% endif %}",
        "{{ \"\\\"\" * 9 }}",
        "{{ '}}' * 9 }}",
        "{{ {'a': {}} * 9 }}",
    ] {
        assert!(Templates::new().check(source).is_err(), "{source}");
        assert!(render(source, Format::Text).is_err(), "{source}");
    }
    let error = render(&"{{ 'a' ~ 'b' }}".repeat(51), Format::Text).unwrap_err();
    assert!(error.contains("more than 50"), "{error}");
    let loops = "{% for a in contact.name %}".repeat(6) + &"{% endfor %}".repeat(6);
    assert!(render(&loops, Format::Text).unwrap_err().contains("takes too long"));
    let large = "{{ contact.params.big }}".repeat(20);
    assert!(render(&large, Format::Text).unwrap_err().contains("longer than 512 KiB"));
    let product = "{{ contact.params.big|replace('x', 'yyyyyyyyyyyy') }}";
    assert!(render(product, Format::Text).unwrap_err().contains("longer than 32 KiB"));
    assert!(render(&"x".repeat(MAX_SOURCE_BYTES + 1), Format::Text).unwrap_err().contains("longer than 128 KiB"));
}
