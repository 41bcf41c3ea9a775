//! A sheet on its way in: rows are paired with characters, only what changed costs something, and nothing is lost.

use super::backend::Backend;
use super::given::{
    Given, compared, failed, find, finished, imported, records, run_on, sheet, stories, story,
};
use backstory::facade::domain::character::{CastId, TakeNumber};
use backstory::facade::domain::flag::{Flag, Flags};
use backstory::facade::domain::status::Status;
use backstory::facade::store::{Changes, Comparison, Filter, Finished, Intake, Library};

const THREE: &str = "name,description\nAda,bakes\nBo,rows\nCy,sings";

/// The flags of all characters, in the order of the sheet.
async fn flags<B: Backend>(store: &B) -> Vec<Vec<&'static str>> {
    let records = records(store, &Filter::default()).await;
    records.iter().map(|record| record.flags.words()).collect()
}

async fn a_new_sheet_is_pending_in_its_order<B: Backend>(store: B) {
    let comparison = imported(&store, &sheet(THREE)).await;
    let expected = Comparison {
        rows: 3,
        new: 3,
        pending: 3,
        ..Comparison::default()
    };
    assert_eq!(comparison, expected);
    let records = records(&store, &Filter::default()).await;
    let rows: Vec<_> = records
        .iter()
        .map(|it| (it.row, it.name.as_str(), it.status))
        .collect();
    let pending = Status::Pending;
    assert_eq!(
        rows,
        [(1, "Ada", pending), (2, "Bo", pending), (3, "Cy", pending)]
    );
    let ada = &records[0];
    assert_eq!(
        (ada.cast_name.as_str(), ada.description.as_str()),
        ("cast", "bakes")
    );
    assert_eq!(
        (ada.key.as_deref(), ada.gone, ada.requests),
        (None, false, 0)
    );
    assert_eq!(
        (ada.backstory.as_deref(), ada.take, ada.words),
        (None, None, None)
    );
}

async fn the_cells_stay_as_they_came_in_the_order_of_the_columns<B: Backend>(store: B) {
    let text = "name,notes,description\n Ada ,\"x\\ \u{1b},  bakes";
    imported(&store, &sheet(text)).await;
    let ada = records(&store, &Filter::default()).await.remove(0);
    assert_eq!(
        (ada.name.as_str(), ada.description.as_str()),
        (" Ada ", "  bakes")
    );
    let expected = r#"{"name":" Ada ","notes":"\"x\\ \u001b","description":"  bakes"}"#;
    assert_eq!(ada.columns.get(), expected);
}

async fn rows_may_come_in_several_batches<B: Backend>(store: B) {
    let given = sheet(THREE);
    for _ in 0..2 {
        let mut import = store.import(given.sheet.clone()).await;
        let form = import.form();
        for row in &given.rows {
            let batch = B::Import::batch(&form, vec![row.clone()]);
            import.add(batch).await.expect("stored");
        }
        assert_eq!(import.compare().await.expect("compared").rows, 3);
        import.apply(None).await.expect("applied");
    }
    assert_eq!(stories(&store).await.len(), 3);
}

async fn nothing_is_visible_before_an_import_is_applied<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let before = stories(&store).await;
    let changed = sheet("name,description\nAda,cooks\nEve,new");
    let (import, _) = compared(&store, &changed).await;
    assert_eq!(stories(&store).await, before);
    import.apply(None).await.expect("applied");
    assert_ne!(stories(&store).await, before);
}

async fn an_import_that_is_abandoned_changes_nothing<B: Backend>(store: B) {
    let (import, _) = compared(&store, &sheet(THREE)).await;
    import.abandon().await.expect("abandoned");
    let casts = store.reader().await.casts().await;
    assert_eq!(casts.expect("casts"), [], "no cast is left of it");
    run_on(&store, &sheet(THREE)).await;
    let before = stories(&store).await;
    let (import, comparison) = compared(&store, &sheet("name,description\nEve,new")).await;
    assert_eq!((comparison.new, comparison.would_leave), (1, 3));
    import.abandon().await.expect("abandoned");
    assert_eq!(stories(&store).await, before);
}

async fn an_unchanged_sheet_changes_nothing<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let before = stories(&store).await;
    let comparison = imported(&store, &sheet(THREE)).await;
    let expected = Comparison {
        rows: 3,
        unchanged: 3,
        done: 3,
        finished: 3,
        ..Comparison::default()
    };
    assert_eq!(comparison, expected);
    assert_eq!(stories(&store).await, before);
}

async fn reordering_inserting_and_deleting_rows_costs_only_what_is_new<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let changed = sheet("name,description\nCy,sings\nEve,new\nAda,bakes");
    assert_eq!(run_on(&store, &changed).await, ["Eve"]);
    let names: Vec<_> = stories(&store).await.into_iter().map(|it| it.0).collect();
    assert_eq!(names, ["Cy", "Eve", "Ada"]);
    assert_eq!(
        story(&store, "Ada").await.as_deref(),
        Some("Story 1 of Ada.")
    );
    assert!(find(&store, "Bo").await.1.gone);
}

async fn further_columns_white_space_and_line_ends_are_no_edit<B: Backend>(store: B) {
    run_on(&store, &sheet("name,description\nAda,bakes\nBo,rows")).await;
    let changed = sheet("role,description,name\nx,  bakes ,Ada\t\ny,rows\r\u{a0},Bo");
    let comparison = imported(&store, &changed).await;
    assert_eq!((comparison.unchanged, comparison.edited), (2, 0));
    assert_eq!(finished(&store).await, [""; 0]);
    let ada = find(&store, "Ada").await.1;
    assert_eq!(
        (ada.name.as_str(), ada.description.as_str()),
        ("Ada\t", "  bakes ")
    );
    let columns = store.reader().await.columns("cast").await;
    assert_eq!(columns.expect("columns"), ["role", "description", "name"]);
}

async fn an_edited_row_is_pending_and_shows_its_old_story_as_stale<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let edited = sheet(&THREE.replace("rows", "swims"));
    let comparison = imported(&store, &edited).await;
    assert_eq!((comparison.edited, comparison.would_be_paid_again), (1, 1));
    let bo = find(&store, "Bo").await.1;
    assert_eq!(
        (bo.status, bo.description.as_str()),
        (Status::Pending, "swims")
    );
    assert_eq!(bo.backstory.as_deref(), Some("Story 1 of Bo."));
    assert_eq!(flags(&store).await, [vec![], vec!["stale"], vec![]]);
    assert_eq!(finished(&store).await, ["Bo"]);
    let bo = find(&store, "Bo").await.1;
    assert_eq!((bo.take, bo.flags.has(Flag::Stale)), (Some(2), false));
}

async fn an_edit_that_is_undone_brings_the_old_story_back<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let edited = sheet(&THREE.replace("rows", "swims"));
    run_on(&store, &edited).await;
    assert_eq!(run_on(&store, &sheet(THREE)).await, [""; 0]);
    assert_eq!(story(&store, "Bo").await.as_deref(), Some("Story 1 of Bo."));
    assert_eq!(run_on(&store, &edited).await, [""; 0]);
    assert_eq!(story(&store, "Bo").await.as_deref(), Some("Story 2 of Bo."));
    let takes = store.reader().await.takes(find(&store, "Bo").await.0).await;
    let current: Vec<_> = takes
        .expect("takes")
        .iter()
        .map(|take| take.current)
        .collect();
    assert_eq!(current, [false, true]);
}

async fn a_row_that_leaves_is_gone_and_keeps_everything<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let without = sheet("name,description\nAda,bakes\nCy,sings");
    let comparison = imported(&store, &without).await;
    assert_eq!(
        (comparison.gone, comparison.would_leave, comparison.would_go),
        (1, 1, 1)
    );
    let bo = find(&store, "Bo").await.1;
    assert_eq!((bo.gone, bo.status), (true, Status::Done));
    assert_eq!(bo.backstory.as_deref(), Some("Story 1 of Bo."));
    let cast = store.reader().await.one_cast(None).await.expect("a cast");
    assert_eq!((cast.total, cast.done, cast.gone), (2, 2, 1));
    let comparison = imported(&store, &without).await;
    assert_eq!(
        (comparison.gone, comparison.would_leave),
        (1, 0),
        "it has left already"
    );
}

async fn a_row_that_returns_gets_its_old_story<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    imported(&store, &sheet("name,description\nAda,bakes")).await;
    let comparison = imported(&store, &sheet(THREE)).await;
    assert_eq!((comparison.unchanged, comparison.gone), (3, 0));
    assert_eq!(finished(&store).await, [""; 0]);
    let bo = find(&store, "Bo").await.1;
    assert_eq!((bo.gone, bo.row, bo.take), (false, 2, Some(1)));
}

async fn a_row_with_another_description_is_known_by_its_name<B: Backend>(store: B) {
    for blank in ["", "\u{a0}", "\u{3000}", "\u{2009}", "\u{b}", "\t "] {
        imported(&store, &sheet("name,description\nBo,rows\nEve,x")).await;
        let changed = format!("name,description\nEve,x\n{blank}Bo{blank},swims{blank}twice");
        let comparison = imported(&store, &sheet(&changed)).await;
        assert_eq!((comparison.edited, comparison.new), (1, 0), "{blank:?}");
    }
}

async fn a_name_that_occurs_twice_pairs_nothing<B: Backend>(store: B) {
    run_on(&store, &sheet("name,description\nGuard,tall\nGuard,short")).await;
    let comparison = imported(&store, &sheet("name,description\nGuard,old\nGuard,young")).await;
    assert_eq!((comparison.new, comparison.would_leave), (2, 2));
}

async fn equal_rows_are_different_characters<B: Backend>(store: B) {
    let guards = sheet("name,description\nGuard,tall\nGuard,tall\nGuard,tall");
    let (mut import, _) = compared(&store, &guards).await;
    assert_eq!(import.duplicates().await.expect("counted"), 2);
    import.apply(None).await.expect("applied");
    assert_eq!(finished(&store).await.len(), 3);
    let two = sheet("name,description\nGuard,tall\nGuard,tall");
    assert_eq!(run_on(&store, &two).await, [""; 0]);
    let (mut import, comparison) = compared(&store, &guards).await;
    assert_eq!(import.duplicates().await.expect("counted"), 2);
    assert_eq!((comparison.unchanged, comparison.pending), (3, 0));
    import.abandon().await.expect("abandoned");
}

async fn rows_that_read_the_same_are_distinguished_by_their_other_columns<B: Backend>(store: B) {
    let rows = ["Guard,bored,Rome", "Guard,bored,Oslo", "Ann,bakes,Lima"];
    let of = |rows: &[&str]| sheet(&format!("name,description,city\n{}", rows.join("\n")));
    run_on(&store, &of(&rows)).await;
    let ids = |text: &'static str| {
        let store = &store;
        async move {
            let all = records(
                store,
                &Filter {
                    gone: true,
                    ..Filter::default()
                },
            )
            .await;
            let of = |it: &&_| columns_of(it).contains(text);
            let found: Vec<_> = all.iter().filter(of).map(|it| it.gone).collect();
            found
        }
    };
    assert_eq!(run_on(&store, &of(&[rows[1], rows[2]])).await, [""; 0]);
    assert_eq!(
        (ids("Rome").await, ids("Oslo").await),
        (vec![true], vec![false])
    );
    // Where no other column helps, the order does.
    assert_eq!(
        run_on(&store, &of(&["Guard,bored,Kyiv", rows[2]])).await,
        [""; 0]
    );
    assert_eq!(
        (ids("Rome").await, ids("Kyiv").await),
        (vec![true], vec![false])
    );
}

fn columns_of(record: &backstory::facade::domain::record::Record) -> String {
    record.columns.get().to_owned()
}

async fn a_key_identifies_a_row_whatever_else_it_says<B: Backend>(store: B) {
    run_on(
        &store,
        &sheet("id,name,description\n1,Ada,bakes\n2,Bo,rows\n3,Cy,sings"),
    )
    .await;
    let ada = find(&store, "Ada").await.0;
    let changed = sheet("id,name,description\n3,Cy,sings\n 1 ,Adele,cooks\n2,Bo,rows");
    assert_eq!(run_on(&store, &changed).await, ["Adele"]);
    let adele = find(&store, "Adele").await;
    assert_eq!(
        (adele.0, adele.1.key.as_deref(), adele.1.take),
        (ada, Some("1"), Some(2))
    );
}

async fn keys_that_appear_or_change_are_matched_by_content_once<B: Backend>(store: B) {
    run_on(&store, &sheet("name,description\nAda,bakes\nBo,rows")).await;
    for (text, key) in [
        ("id,name,description\nx,Bo,rows\ny,Ada,bakes", Some("y")),
        ("name,description\nAda,bakes\nBo,rows", None),
        ("id,name,description\ny,Bo,rows\nx,Ada,bakes", Some("x")),
    ] {
        assert_eq!(run_on(&store, &sheet(text)).await, [""; 0], "{text}");
        assert_eq!(find(&store, "Ada").await.1.key.as_deref(), key);
        let column = store.reader().await.key_column("cast").await;
        assert_eq!(column.expect("read"), key.map(|_| "id".to_owned()));
    }
}

async fn repeated_keys_are_named_with_their_lines<B: Backend>(store: B) {
    let good = "id,name,description\na,Ada,bakes\nb,Bo,rows";
    let bad = sheet(&format!("{good}\n a ,Eve,x\nb,Cy,y\na,Di,z"));
    for _ in 0..2 {
        let (mut import, _) = compared(&store, &bad).await;
        let repeated = import.repeated_keys(9).await.expect("read");
        let all = [("a", 2, 4), ("b", 3, 5), ("a", 2, 6)];
        assert_eq!(
            repeated,
            all.map(|(key, first, line)| (key.to_owned(), first, line))
        );
        assert_eq!(import.repeated_keys(1).await.expect("read").len(), 1);
        import.abandon().await.expect("abandoned");
        // The second time the cast exists.
        imported(&store, &sheet(good)).await;
    }
    let (mut import, _) = compared(&store, &sheet(good)).await;
    assert_eq!(import.repeated_keys(9).await.expect("read"), []);
    import.abandon().await.expect("abandoned");
}

async fn rows_are_chosen_by_name_key_and_number<B: Backend>(store: B) {
    let rows = sheet("id,name,description\n7,Ada,bakes\n8, Bo ,rows\n9,Cy,sings");
    let only = |who: &[&str]| who.iter().map(|who| (*who).to_owned()).collect::<Vec<_>>();
    for (pending, why) in [(3, "it is new"), (2, "Bo is finished")] {
        let (mut import, _) = compared(&store, &rows).await;
        let known = only(&["Ada", "8", "#3"]);
        assert_eq!(import.unknown(&known).await.expect("read"), None);
        assert_eq!(import.wanted(&known).await.expect("read"), pending, "{why}");
        assert_eq!(import.wanted(&only(&["Cy"])).await.expect("read"), 1);
        let unknown = only(&["Bo", "#4", "Eve"]);
        let first = import.unknown(&unknown).await.expect("read");
        assert_eq!(first.as_deref(), Some("#4"));
        import.abandon().await.expect("abandoned");
        run_on(&store, &sheet("id,name,description\n8,Bo,rows")).await;
    }
}

async fn a_story_that_the_sheet_brings_is_a_take_by_hand<B: Backend>(store: B) {
    let given = sheet("name,description,story\nAda,bakes,Ada was here.\nBo,rows,");
    assert_eq!(run_on(&store, &given).await, ["Bo"]);
    let (ada, record) = find(&store, "Ada").await;
    assert_eq!(
        (record.status, record.provider.as_deref()),
        (Status::Done, Some("hand"))
    );
    assert_eq!(
        (record.backstory.as_deref(), record.words),
        (Some("Ada was here."), Some(3))
    );
    assert_eq!(run_on(&store, &given).await, [""; 0]);
    let takes = store.reader().await.takes(ada).await.expect("takes");
    assert_eq!((takes.len(), takes[0].endpoint.as_deref()), (1, None));
}

async fn a_story_that_the_sheet_changes_counts_and_one_that_it_repeats_does_not<B: Backend>(
    store: B,
) {
    let with = |story: &str| sheet(&format!("name,description,story\nAda,bakes,{story}"));
    for story_now in ["One.", "Two.", "One."] {
        imported(&store, &with(story_now)).await;
        assert_eq!(story(&store, "Ada").await.as_deref(), Some(story_now));
    }
    let ada = find(&store, "Ada").await.0;
    let takes = store.reader().await.takes(ada).await.expect("takes");
    assert_eq!(takes.len(), 2, "each text once");
    let written = store
        .editor()
        .await
        .write_by_hand(ada, "Three.", Flags::default())
        .await;
    written.expect("written");
    let city = sheet("name,description,story,city\nAda,bakes,One.,Rome");
    for same in [with("One."), city] {
        imported(&store, &same).await;
        assert_eq!(story(&store, "Ada").await.as_deref(), Some("Three."));
    }
}

async fn a_row_with_a_story_of_its_own_leaves_a_spare_take_to_an_equal_row<B: Backend>(store: B) {
    for text in ["Ada,bakes", "Ada,swims"] {
        run_on(&store, &sheet(&format!("name,description\n{text}"))).await;
    }
    let given = sheet("name,description,story\nAda,swims,\nAda,bakes,An own story.\nAda,bakes,");
    let comparison = imported(&store, &given).await;
    assert_eq!((comparison.done, comparison.pending), (3, 0));
    let found: Vec<_> = stories(&store).await.into_iter().map(|it| it.2).collect();
    let expected = ["Story 2 of Ada.", "An own story.", "Story 1 of Ada."];
    assert_eq!(found, expected.map(|story| Some(story.to_owned())));
}

async fn a_take_serves_another_row_when_its_own_does_not_need_it<B: Backend>(store: B) {
    run_on(
        &store,
        &sheet("id,name,description\n1,Guard,tall\n2,Guard,short"),
    )
    .await;
    let tall = stories(&store).await.remove(0).2;
    let swapped = sheet("id,name,description\n1,Guard,short\n2,Guard,tall");
    let comparison = imported(&store, &swapped).await;
    assert_eq!(
        (comparison.edited, comparison.pending, comparison.done),
        (2, 0, 2)
    );
    let after = stories(&store).await;
    assert!(after.iter().all(|it| it.1 == Status::Done));
    assert_eq!(after[1].2, tall);
    let takes = store.reader().await.takes(find(&store, "#2").await.0).await;
    assert_eq!(takes.expect("takes").len(), 2, "its old take is kept");
}

async fn an_only_take_serves_another_row_after_its_own_row_was_edited<B: Backend>(store: B) {
    run_on(&store, &sheet("name,description\nAda,bakes")).await;
    imported(&store, &sheet("name,description\nAda,swims")).await;
    for both in [
        "name,description\nAda,swims\nAda,bakes",
        "name,description\nAda,bakes\nAda,swims",
        "name,description,city\nAda,swims,Rome\nAda,bakes,Oslo",
    ] {
        let (import, comparison) = compared(&store, &sheet(both)).await;
        let counts = (comparison.new, comparison.done, comparison.pending);
        assert_eq!(counts, (1, 1, 1), "{both}");
        import.abandon().await.expect("abandoned");
    }
    let both = sheet("name,description\nAda,swims\nAda,bakes");
    assert_eq!(run_on(&store, &both).await, ["Ada"]);
    let found = stories(&store).await.remove(1).2;
    assert_eq!(found.as_deref(), Some("Story 1 of Ada."));
}

async fn a_failed_character_stays_failed_until_its_row_is_edited<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    failed(&store).await;
    let comparison = imported(&store, &sheet(&THREE.replace("rows", "swims"))).await;
    assert_eq!((comparison.failed, comparison.pending), (2, 1));
    let records = records(&store, &Filter::default()).await;
    let status: Vec<_> = records
        .iter()
        .map(|it| (it.status, it.error.is_some()))
        .collect();
    let failed = (Status::Failed, true);
    assert_eq!(status, [failed, (Status::Pending, false), failed]);
}

async fn another_recipe_is_announced_and_leaves_finished_stories_stale<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let given = sheet(THREE).by_model("new", Finished::KeepUnlessEdited);
    let comparison = imported(&store, &given).await;
    let before = comparison.recipe_before.expect("a recipe");
    assert_eq!((comparison.unchanged, before.model), (3, None));
    assert_eq!(flags(&store).await, [["stale"]; 3]);
    let recipe = store
        .reader()
        .await
        .recipe(super::given::cast_of(&store).await)
        .await;
    assert_eq!(recipe.expect("a recipe"), given.sheet.recipe);
    // The edited row is written with the new recipe.
    let edited = sheet(&THREE.replace("rows", "swims"));
    let edited = edited.by_model("new", Finished::Keep);
    assert_eq!(run_on(&store, &edited).await, ["Bo"]);
    assert_eq!(find(&store, "Bo").await.1.model.as_deref(), Some("new"));
    assert_eq!(flags(&store).await, [vec!["stale"], vec![], vec!["stale"]]);
}

async fn redo_writes_again_only_what_no_take_of_the_recipe_fits<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let redo = |model: &str| sheet(THREE).by_model(model, Finished::Redo);
    assert_eq!(run_on(&store, &redo("new")).await, ["Ada", "Bo", "Cy"]);
    assert_eq!(run_on(&store, &redo("new")).await, [""; 0]);
    let mut back = redo("new");
    back.sheet.recipe = super::given::recipe();
    assert_eq!(run_on(&store, &back).await, [""; 0]);
    assert_eq!(
        story(&store, "Ada").await.as_deref(),
        Some("Story 1 of Ada.")
    );
    assert_eq!(flags(&store).await, [[""; 0]; 3]);
}

async fn redo_keeps_a_picked_take<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let ada = find(&store, "Ada").await.0;
    let one = Some(TakeNumber(1));
    store.editor().await.pick(ada, one).await.expect("picked");
    let redo = sheet(THREE).by_model("new", Finished::Redo);
    let comparison = imported(&store, &redo).await;
    assert_eq!((comparison.pending, comparison.keep_their_pick), (3, 1));
    assert_eq!(finished(&store).await, ["Ada", "Bo", "Cy"]);
    assert_eq!(find(&store, "Ada").await.1.take, Some(1));
    assert_eq!(find(&store, "Bo").await.1.take, Some(2));
}

/// The same cells, but the description is made from the column `city`.
fn from_city(finished: Finished) -> Given {
    let mut given = sheet("name,description,city\nAda,bakes,Rome\nBo,rows,Oslo");
    for row in &mut given.rows {
        row.description = format!("In {}", row.cells[2]);
    }
    given.sheet.finished = finished;
    given
}

async fn a_description_that_is_made_in_a_new_way_is_announced<B: Backend>(store: B) {
    run_on(
        &store,
        &sheet("name,description,city\nAda,bakes,Rome\nBo,rows,Oslo"),
    )
    .await;
    let (import, comparison) = compared(&store, &from_city(Finished::KeepUnlessEdited)).await;
    assert_eq!(
        (comparison.made_otherwise, comparison.would_be_paid_again),
        (2, 2)
    );
    import.abandon().await.expect("abandoned");
    let comparison = imported(&store, &from_city(Finished::Keep)).await;
    assert_eq!((comparison.edited, comparison.unchanged), (0, 2));
    assert_eq!(finished(&store).await, [""; 0]);
    assert_eq!(flags(&store).await, [["stale"]; 2]);
}

async fn a_cell_that_the_prompt_names_is_part_of_what_is_sent<B: Backend>(store: B) {
    let with = |city: &str| {
        let mut given = sheet(&format!("name,description,city\nAda,bakes,{city}"));
        given.sheet.prompt_columns = vec![2];
        given
    };
    imported(&store, &with("Rome")).await;
    let before = imported(&store, &with(" Rome")).await;
    assert_eq!((before.edited, before.unchanged), (0, 1));
    let after = imported(&store, &with("Oslo")).await;
    assert_eq!((after.edited, after.unchanged), (1, 0));
}

async fn rows_that_are_finished_in_another_cast_are_announced<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let two = sheet("name,description\nAda,bakes\nBo,rows\nEve,new").of_cast("other");
    let (import, comparison) = compared(&store, &two).await;
    assert_eq!(comparison.elsewhere.as_deref(), Some("cast"));
    import.abandon().await.expect("abandoned");
    let one = sheet("name,description\nAda,bakes\nEve,new").of_cast("other");
    let comparison = imported(&store, &one).await;
    assert_eq!(
        comparison.elsewhere, None,
        "half of the rows are not most of them"
    );
    let casts = store.reader().await.casts().await.expect("casts");
    assert_eq!(casts.len(), 2);
}

async fn digest<B: Backend>(store: &B) -> Option<(CastId, Vec<u8>)> {
    let reader = store.reader().await;
    reader.sheet_digest("cast").await.expect("read")
}

async fn a_cast_remembers_its_sheet_until_another_one_is_imported<B: Backend>(store: B) {
    assert_eq!(digest(&store).await, None);
    let (import, _) = compared(&store, &sheet(THREE)).await;
    let cast = import.apply(Some([7; 32])).await.expect("applied");
    assert_eq!(digest(&store).await, Some((cast, vec![7; 32])));
    finished(&store).await;
    assert_eq!(
        digest(&store).await,
        Some((cast, vec![7; 32])),
        "a run does not change it"
    );
    imported(&store, &sheet(&THREE.replace("rows", "swims"))).await;
    assert_eq!(digest(&store).await, None);
}

each_store!(
    a_new_sheet_is_pending_in_its_order,
    the_cells_stay_as_they_came_in_the_order_of_the_columns,
    rows_may_come_in_several_batches,
    nothing_is_visible_before_an_import_is_applied,
    an_import_that_is_abandoned_changes_nothing,
    an_unchanged_sheet_changes_nothing,
    reordering_inserting_and_deleting_rows_costs_only_what_is_new,
    further_columns_white_space_and_line_ends_are_no_edit,
    an_edited_row_is_pending_and_shows_its_old_story_as_stale,
    an_edit_that_is_undone_brings_the_old_story_back,
    a_row_that_leaves_is_gone_and_keeps_everything,
    a_row_that_returns_gets_its_old_story,
    a_row_with_another_description_is_known_by_its_name,
    a_name_that_occurs_twice_pairs_nothing,
    equal_rows_are_different_characters,
    rows_that_read_the_same_are_distinguished_by_their_other_columns,
    a_key_identifies_a_row_whatever_else_it_says,
    keys_that_appear_or_change_are_matched_by_content_once,
    repeated_keys_are_named_with_their_lines,
    rows_are_chosen_by_name_key_and_number,
    a_story_that_the_sheet_brings_is_a_take_by_hand,
    a_story_that_the_sheet_changes_counts_and_one_that_it_repeats_does_not,
    a_row_with_a_story_of_its_own_leaves_a_spare_take_to_an_equal_row,
    a_take_serves_another_row_when_its_own_does_not_need_it,
    an_only_take_serves_another_row_after_its_own_row_was_edited,
    a_failed_character_stays_failed_until_its_row_is_edited,
    another_recipe_is_announced_and_leaves_finished_stories_stale,
    redo_writes_again_only_what_no_take_of_the_recipe_fits,
    redo_keeps_a_picked_take,
    a_description_that_is_made_in_a_new_way_is_announced,
    a_cell_that_the_prompt_names_is_part_of_what_is_sent,
    rows_that_are_finished_in_another_cast_are_announced,
    a_cast_remembers_its_sheet_until_another_one_is_imported,
);
